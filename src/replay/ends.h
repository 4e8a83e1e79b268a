/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The ends of connections in a capture: finds them by capture time, a little with each packet. */

#include "analytics/flow_sweep.h"

/* Who is told. */
struct weir_ends_sink {
    void (*ended)(const struct weir_flow *f, enum weir_flow_end why, void *arg);
    void (*attempt)(const struct weir_attempt *a, void *arg);
    void *arg;
};

/* Of connections; borrowed. */
struct weir_ends_table {
    struct weir_ways *ways;
    struct weir_flow_set *set;
    uint32_t sets; /* of both */
};

struct weir_ends;

/* 0 or -ENOMEM. */
int weir_ends_new(const struct weir_ends_table *flows, const struct weir_ends_table *half,
                  const struct weir_ends_sink *sink, struct weir_ends **ret);
void weir_ends_free(struct weir_ends *e);

/* A set got a record. */
void weir_ends_use(struct weir_ends *e, bool proven, uint32_t set);
/* A copy of a record that had to go. */
void weir_ends_tell(struct weir_ends *e, struct weir_flow *f, enum weir_flow_end why);
/* Before each packet: a few sets, so that all are looked at about once a second of capture time;
 * after a pause of 30 s all of them at once. */
void weir_ends_sweep(struct weir_ends *e, uint64_t now_ns);
/* The end of the capture: all that is left, in the order of their start. 0 or -ENOMEM. */
int weir_ends_finish(struct weir_ends *e, uint64_t now_ns);
