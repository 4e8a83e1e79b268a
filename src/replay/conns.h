/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The tables of connections in user space: what the maps flows and half are to src/bpf. */

#include <stddef.h>
#include <stdint.h>

#include "dataplane/conn.h"

struct weir_conns_counters {
    uint64_t packets;      /* held against a record */
    uint64_t opened;       /* connections that became established, or were taken up by both sides */
    uint64_t half_new;     /* records for a SYN or a segment of no known connection */
    uint64_t half_evicted; /* given up for newer ones */
    uint64_t evicted;      /* established connections forgotten */
    uint64_t lost;         /* packets without a record: no room */
};

struct weir_conns;

/* Takes at most memory_bytes, a quarter of it for half-open ones. -ENOMEM also when that is not
 * enough for one set of each. */
int weir_conns_new(size_t memory_bytes, struct weir_conns **ret);
void weir_conns_free(struct weir_conns *c);

/* Hold packet p against its connection. t: zeroed, host fields that are not the clock's set. */
void weir_conns_packet(struct weir_conns *c, struct weir_track *t, const struct weir_pkt *p,
                       uint64_t now_ns);
const struct weir_conns_counters *weir_conns_count(const struct weir_conns *c);
