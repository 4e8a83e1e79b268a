/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* What the kernel host counts, one struct per hook and CPU; readers add the CPUs up. */

#include "abi/detection.h"
#include "abi/outcome.h"
#include "abi/tunnel.h"

enum weir_hook {
    WEIR_HOOK_XDP,
    WEIR_HOOK_TC_INGRESS,
    WEIR_HOOK_TC_EGRESS,
    WEIR_HOOK_MAX,
};

enum weir_counter_kind {
    WEIR_COUNTER_TRAFFIC,
    WEIR_COUNTER_VERDICT,
    WEIR_COUNTER_LOSS,
};

enum weir_counter {
#define COUNTER(NAME, ...) WEIR_COUNTER_##NAME,
#include "abi/counters.def"
#undef COUNTER
    WEIR_COUNTER_MAX,
};

/* INSIDE_* stand in the order of enum weir_tunnel. */
#define TUNNEL(NAME, ...)                                                                          \
    _Static_assert(WEIR_COUNTER_INSIDE_##NAME - WEIR_COUNTER_INSIDE_GRE ==                         \
                       WEIR_TUNNEL_##NAME - WEIR_TUNNEL_GRE,                                       \
                   "counter of " #NAME);
#include "abi/tunnels.def"
#undef TUNNEL

#define WEIR_OUTCOMES 64
#define WEIR_COUNTERS 64
_Static_assert(WEIR_OUTCOME_MAX <= WEIR_OUTCOMES, "struct weir_counters: outcomes");
_Static_assert(WEIR_COUNTER_MAX <= WEIR_COUNTERS, "struct weir_counters: counters");

/* Fixed sizes: a newer build with more rows reads an older one's map. A packet is either in one of
 * outcome[], or DROP_BAN, or DROP_DENY, or LOST_WINDOW. */
struct weir_counters {
    __u64 n[WEIR_COUNTERS]; /* by enum weir_counter */
    __u64 outcome[WEIR_OUTCOMES];
    __u64 found[128]; /* by row: packets on which it held */
    __u64 noted[128]; /* in its milder form */
};
_Static_assert(sizeof(struct weir_counters) == 3072, "ABI: counters");

/* What went through one hook of one interface, by CPU. The place is found without a look-up: two
 * interfaces whose indexes differ by a multiple of WEIR_PORTS share one, and readers say so. */
#define WEIR_PORTS 64
struct weir_port {
    __u64 packets;
    __u64 bytes;
    __u64 drops;
    __u64 _pad;
};
_Static_assert(sizeof(struct weir_port) == 32, "ABI: port");

static inline __attribute__((always_inline, unused)) __u32 weir_port_place(__u32 ifindex,
                                                                           __u32 hook)
{
    return (ifindex & (WEIR_PORTS - 1)) * WEIR_HOOK_MAX + hook;
}
