/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Which bytes of a datagram its fragments have brought. */

#include <linux/types.h>

#define WEIR_FRAGMENTS 1024 /* datagrams at a time; a power of two */
#define WEIR_FRAGMENT_SPANS                                                                        \
    8 /* the newest; a TCP segment takes two or three where links are sane */

struct weir_fragment_span {
    __u32 start; /* of the datagram's bytes */
    __u32 end;
};

_Static_assert(sizeof(struct weir_fragment_span) == 8, "ABI: fragment span");

struct weir_fragments {
    __u64 owner;     /* keyed hash of the datagram; 0: free, 1: being made */
    __u32 last_tick; /* its newest fragment */
    __u32 count;     /* of its fragments that are not the same again */
    struct weir_fragment_span span[WEIR_FRAGMENT_SPANS];
};
_Static_assert(sizeof(struct weir_fragments) == 80, "ABI: fragments");
