/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* What many sources together do to one address. Records stand at the place that the hash of the
 * address names; another address takes it over when it has been quiet for a window. */

#include "abi/source.h"

#define WEIR_TARGET_SOURCES 64 /* registers of a HyperLogLog */

#define WEIR_TARGETS 4096 /* places of the kernel's table */

struct weir_target {
    __u8 addr[16]; /* IPv4 mapped */
    __u32 since;   /* tick: begin of the window; 0 in a place that was never taken */
    __u32 seen_at; /* tick of the newest contact */
    __u32 contacts;
    __u32 opened; /* handshakes completed */
    __u32 refused;
    __u32 told; /* contacts when it was told last; 0: not in this window */
    __u8 sources[WEIR_TARGET_SOURCES];
    struct weir_contacts ports;
    __u64 _pad;
};
_Static_assert(sizeof(struct weir_target) == 144, "ABI: target");

#define WEIR_TWINS 65536

/* The newest SYN of its kind: 40 bits of the hash of everything but its source, none of which name
 * the place; 12 of the source's; 12 of the time. */
struct weir_twin {
    __u64 cell;
};
_Static_assert(sizeof(struct weir_twin) == 8, "ABI: twin");
