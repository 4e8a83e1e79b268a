/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* What is kept of the payload of a connection while its first bytes are looked at: apart from the
 * connection's record, because it is wanted for seconds of a life of hours. */

#include "abi/automaton.h"
#include "abi/greeting.h"

enum weir_payload_flag {
    WEIR_PAYLOAD_BEGUN = 1 << 0, /* next is known */
    WEIR_PAYLOAD_BLIND = 1 << 1, /* bytes are missing: what the direction begins with stays open */
};

/* Automata of a policy: patterns that match exactly, and those that match in either case. */
enum weir_lane {
    WEIR_LANE_EXACT,
    WEIR_LANE_FOLD,
    WEIR_LANES,
};

/* Of one direction; written by its own packets alone, as struct weir_flow_side. */
struct weir_payload_side {
    __u32 next;  /* sequence number of the byte that comes next in order */
    __u8 flags;  /* enum weir_payload_flag */
    __u8 faults; /* enum weir_greeting_fault, those reported */
    __u8 series; /* of tiny segments */
    __u8 urgent; /* segments with urgent data, saturating */
    struct weir_greeting greeting;
    struct weir_scan_carry scan[WEIR_LANES];
};
_Static_assert(sizeof(struct weir_payload_side) == 32, "ABI: payload side");

struct weir_payload {
    __u32 owner;     /* 1 + place of the connection in the flow table; 0: free */
    __u32 born;      /* start of that connection, in units of 2^10 ns; 0: being made */
    __u32 last_tick; /* its newest packet here */
    __u32 _pad;
    struct weir_payload_side side[2];
};
_Static_assert(sizeof(struct weir_payload) == 80, "ABI: payload");
