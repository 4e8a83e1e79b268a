/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The table of sources in user space: what the maps sources and gates are to src/bpf. */

#include <stddef.h>
#include <stdint.h>

#include "dataplane/target.h"

struct weir_sources_counters {
    uint64_t admitted;    /* records made */
    uint64_t evicted;     /* given up for a newcomer */
    uint64_t lost_target; /* contacts not counted for their target: another one has its place */
};

struct weir_sources;

/* Takes at most memory_bytes, a sixteenth of it for those that have no record yet, an
 * eighth for their targets. -ENOMEM also
 * when that is not enough for one set. */
int weir_sources_new(size_t memory_bytes, struct weir_sources **ret);
void weir_sources_free(struct weir_sources *s);

/* Packet p that tracking called a contact or an outcome, or none of both; t->scan is the answer. */
void weir_sources_packet(struct weir_sources *s, struct weir_track *t, const struct weir_pkt *p);
/* A packet whose flags no connection has. */
void weir_sources_illegal(struct weir_sources *s, struct weir_track *t, const struct weir_pkt *p);
/* An ICMP error p about the SYN of a contact. */
void weir_sources_quote(struct weir_sources *s, struct weir_track *t, const struct weir_quote *q,
                        const struct weir_pkt *p);
/* The record of a source, NULL without one. */
const struct weir_source *weir_sources_record(const struct weir_sources *s, const uint8_t addr[16]);
const struct weir_sources_counters *weir_sources_count(const struct weir_sources *s);
