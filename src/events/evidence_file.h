/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One pcapng file of evidence (draft-ietf-opsawg-pcapng): packets with what weir made of each as a
 * comment. It gets its name only when it is complete: until then it ends in ".part". */

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct weir_evidence_file;

enum weir_evidence_direction {
    WEIR_EVIDENCE_UNKNOWN,
    WEIR_EVIDENCE_INBOUND, /* the values of pcapng's epb_flags */
    WEIR_EVIDENCE_OUTBOUND,
};

/* Who gave the verdict: values of pcapng's epb_verdict. */
enum weir_evidence_hook {
    WEIR_EVIDENCE_TC = 1,
    WEIR_EVIDENCE_XDP = 2,
};

struct weir_evidence_packet {
    const uint8_t *data; /* borrowed */
    uint32_t cap;
    uint32_t wire;
    uint64_t ts_ns;      /* since the epoch */
    uint64_t interface;  /* any number of the caller's, the same for the same interface */
    const char *name;    /* of the interface, NULL if unknown; looked at once */
    uint16_t link;       /* LINKTYPE of it, likewise */
    uint8_t direction;   /* enum weir_evidence_direction */
    uint8_t hook;        /* enum weir_evidence_hook, 0 without a verdict */
    uint64_t verdict;    /* the program's return value */
    const char *comment; /* NULL: none */
};

/* path: final name; a file that has it is replaced at the end. comment: about the whole file.
 * bytes_max: the file will not be longer. */
int weir_evidence_file_open(const char *path, const char *comment, uint64_t bytes_max,
                            struct weir_evidence_file **ret, struct weir_error *e);

/* 0, or -EFBIG when it would be longer than it may: counted as lost, and the file takes no more.
 * Other errors show at the end. */
int weir_evidence_file_add(struct weir_evidence_file *f, const struct weir_evidence_packet *p);

/* Packets that the caller knows to be missing. */
void weir_evidence_file_lost(struct weir_evidence_file *f, uint64_t packets);

uint64_t weir_evidence_file_bytes(const struct weir_evidence_file *f);
uint64_t weir_evidence_file_packets(const struct weir_evidence_file *f);

/* Write how many packets were lost, give the file its name, free f. On an error the part is
 * removed, f is freed as well. */
int weir_evidence_file_close(struct weir_evidence_file *f, struct weir_error *e);
/* Give it up: nothing stays. NULL is allowed. */
void weir_evidence_file_drop(struct weir_evidence_file *f);
