/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The table of targets in user space: what the maps targets and dest_cpu are to src/bpf. */

#include <stddef.h>
#include <stdint.h>

#include "dataplane/surge.h"

struct weir_dests_counters {
    uint64_t records;
    uint64_t evicted; /* forgotten for others */
    uint64_t lost;    /* packets not counted: no room for a record */
    uint64_t packets; /* findings; the rest as in struct weir_incidents_stats */
    uint64_t events;
    uint64_t suppressed;
};

struct weir_dests;

/* Gets every event, in order. */
typedef void (*weir_dests_sink)(void *ctx, const struct weir_event *ev);

/* At most 65,536 records, and at most memory_bytes. -ENOMEM also when that is not enough for one
 * set of them. */
int weir_dests_new(size_t memory_bytes, weir_dests_sink sink, void *ctx, struct weir_dests **ret);
void weir_dests_free(struct weir_dests *v);

/* Count packet p, whose moment is set; f says what its service makes of it. ours_src, ours_dst: is
 * the address one of those that are ours? */
void weir_dests_packet(struct weir_dests *v, struct weir_flood *f, const struct weir_track *t,
                       const struct weir_pkt *p, bool ours_src, bool ours_dst, uint64_t now_ns);
/* The packet's finding, ev, is of surge n of what it was counted for. True: its incident begins. */
bool weir_dests_note(struct weir_dests *v, const struct weir_flood *f, unsigned n,
                     struct weir_event *ev);
/* Once a second of capture time: turns of those that no packet woke, ends of incidents. */
void weir_dests_sweep(struct weir_dests *v, uint64_t now_ns);
void weir_dests_end_all(struct weir_dests *v);
const struct weir_dests_counters *weir_dests_count(const struct weir_dests *v);
