/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Finds connections that are over, or silent for too long, in a table that somebody else writes:
 * the kernel's packet path in the daemon, the same code in replay. Tells of each once and frees its
 * record.
 *
 * What keeps the two from tripping over each other:
 * - Who sets WEIR_FLOW_REPORTED first reports (weir_flow_mark()). When the record began anew in
 *   that very moment, the mark is taken back and nothing is told: its writer saw it without the
 *   mark. When it even ended again before that, its end is lost, and counted.
 * - A record is freed by compare-and-swap of its tag, one step (in the daemon 100 ms) after it was
 *   found to be due, and only when it had no packet since. So a way that was claimed but not yet
 *   written, which shows the new tag over the old record, is never freed.
 * - What is left: a packet of the connection that looked the record up just before the swap writes
 *   into a free way. The next packet starts a new record mid-stream; the times below make that a
 *   connection without a packet for minutes. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/flow_state.h"

#define WEIR_FLOW_IDLE_S 3600     /* established and silent for so long: over */
#define WEIR_FLOW_SETTLE_S 10     /* closed: reported, nothing comes behind it (conntrack: CLOSE) */
#define WEIR_FLOW_TOMBSTONE_S 600 /* closed: kept so long for seq.flow_replay */
#define WEIR_ATTEMPT_S 5          /* a SYN, or a SYN-ACK, without an answer has failed */
#define WEIR_SWEEP_HELD 1024      /* to be freed with the next step; more wait for the next pass */

struct weir_sweep_config {
    struct weir_ways *ways;
    struct weir_flow_set *set;
    uint32_t sets;   /* of both */
    uint32_t idle_s; /* 0: WEIR_FLOW_IDLE_S */
    bool half_open;  /* the table of those that never were open */
    bool shared;     /* others write it meanwhile */
    uint64_t *used;  /* a bit for each set that may hold a record, or NULL: all may. Borrowed; bits
                        of empty sets are cleared */
    /* f is whole, and the callee's for the time of the call. */
    void (*ended)(const struct weir_flow *f, enum weir_flow_end why, void *arg);
    void (*attempt)(const struct weir_attempt *a, void *arg);
    void *arg;
};

struct weir_sweep_counters {
    uint64_t ended[WEIR_END_MAX];
    uint64_t attempts[WEIR_ATTEMPT_MAX];
    uint64_t freed;
    uint64_t contended; /* began anew while they were reported: their writer reports them */
    uint64_t lost;      /* ended, too, with the mark of the one before: nobody reports them */
};

struct weir_sweep_held {
    uint32_t set;
    uint32_t way;
    uint32_t tag;
    uint32_t last_tick;
};

struct weir_sweep {
    struct weir_sweep_config c;
    uint32_t limit[WEIR_STATE_MAX]; /* ticks of silence after which a state is over */
    uint32_t least[WEIR_CLASS_MAX]; /* age of a stamp below which its record is not looked at */
    struct weir_sweep_counters n;
    uint32_t next; /* set to be looked at */
    uint32_t held;
    struct weir_sweep_held hold[WEIR_SWEEP_HELD];
};

void weir_sweep_init(struct weir_sweep *s, const struct weir_sweep_config *c);

/* Free what the step before held, then go on: look at a set, or step over 64 that are not used, at
 * most `steps` times. True: the end of the table was reached; the next step begins anew. */
bool weir_sweep_step(struct weir_sweep *s, uint32_t steps, uint64_t now_ns);

/* The end of the run: tell of all that was not told, in the order of their start. 0 or -ENOMEM. */
int weir_sweeps_finish(struct weir_sweep *const *s, size_t n);

/* A copy that is no mixture of two moments. False: packets came meanwhile, or the way changed. */
bool weir_flow_snapshot(const struct weir_ways *ways, const struct weir_flow_set *set, uint32_t way,
                        struct weir_flow *ret);
