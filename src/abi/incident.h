/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* One detection from one source, while it goes on: exact counts in the kernel, events only at 1, 2,
 * 4, 8 ... When it has been quiet, whoever finds it first (the next packet, or user space's sweep)
 * sends the last event from what stands here. */

#include <linux/types.h>

struct weir_incident_key {
    __u8 src[16];
    __u32 detection; /* enum weir_detection */
};
_Static_assert(sizeof(struct weir_incident_key) == 20, "ABI: incident key");

/* The first four are struct weir_suppress. The rest is of the newest packet, as in weir_event. */
struct weir_incident {
    __u64 first_ns;
    __u64 last_ns;
    __u64 count;
    __u64 reported;
    __u8 dst[16];
    __u16 sport;
    __u16 dport;
    __u32 source; /* interface index */
    __u8 action;
    __u8 flags; /* enum weir_event_flag */
    __u8 proto;
    __u8 ip_version;
    __u8 ttl;
    __u8 tcp_flags;
    __u16 outcome;
};
_Static_assert(sizeof(struct weir_incident) == 64, "ABI: incident");
