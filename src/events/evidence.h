/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A directory of evidence: a file for each source that is watched (abi/evidence.h), with the heads
 * of the newest packets before its incident and whole packets from there on. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/evidence.h"
#include "events/evidence_dir.h"
#include "events/evidence_file.h"

#define WEIR_EVIDENCE_OPEN_MAX 256 /* files being written at a time */

struct weir_evidence;

/* What the host knows of an interface. name NULL: unknown. Borrowed until the next call. */
typedef const char *(*weir_evidence_name_fn)(void *arg, uint32_t source);
/* The heads of packets before that time, in any order; borrowed until the next call. */
typedef const struct weir_recent *(*weir_evidence_recent_fn)(void *arg, uint64_t before_ns,
                                                             size_t *ret_n);

struct weir_evidence_config {
    const char *dir;     /* made when missing; copied */
    uint64_t file_bytes; /* no file is longer */
    uint32_t recent;     /* heads in a file, the newest */
    struct weir_evidence_limits keep;
    weir_evidence_name_fn name;
    weir_evidence_recent_fn heads; /* NULL: none are kept */
    void *arg;
    uint64_t offset_ns; /* epoch minus the clock of the records; see weir_evidence_clock() */
};

struct weir_evidence_stats {
    uint64_t files;   /* completed */
    uint64_t failed;  /* could not be made or completed */
    uint64_t skipped; /* not begun: WEIR_EVIDENCE_OPEN_MAX were being written */
    uint64_t packets; /* whole ones, written */
    uint64_t lost;    /* whole ones, not written: no file, or it was full */
    uint64_t removed; /* files, to stay within the limits */
    uint32_t open;
};

int weir_evidence_new(const struct weir_evidence_config *config, struct weir_evidence **ret,
                      struct weir_error *e);
/* Completes what is open. */
void weir_evidence_finish(struct weir_evidence *v);
/* The same. NULL is allowed. */
void weir_evidence_free(struct weir_evidence *v);

/* A checked record: weir_packet_event_valid(). bytes: ev->note.cap of them. */
void weir_evidence_packet(struct weir_evidence *v, const struct weir_packet_event *ev,
                          const uint8_t *bytes);
/* About once a second: completes the files of watches that are over at now_ns, by the clock of the
 * records, and removes what is beyond the limits. */
void weir_evidence_sweep(struct weir_evidence *v, uint64_t now_ns);
/* The clock was set. */
void weir_evidence_clock(struct weir_evidence *v, uint64_t offset_ns);
struct weir_evidence_stats weir_evidence_stats(const struct weir_evidence *v);
/* Was there an error since the last call? *ret is the first. */
bool weir_evidence_failed(struct weir_evidence *v, struct weir_error *ret);
