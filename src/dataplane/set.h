/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Set-associative tables: the hash names a set of 16 ways, its tag one of them. Fixed memory, no
 * lists, no locks; a way is claimed by compare-and-swap, and who is evicted is our choice, by class
 * and age.
 *
 * Two CPUs may claim two ways for the same key at the same moment: look-ups go through the ways in
 * one order for a key, so both find the first, and the other one ages out. */

#include "abi/flow_state.h"
#include "dataplane/seq.h"

WEIR_FN __u32 weir_set_tag(__u64 hash)
{
    __u32 tag = (__u32)(hash >> 32);

    return tag ? tag : 1;
}

WEIR_FN __u32 weir_set_index(__u64 hash, __u32 mask)
{
    return (__u32)hash & mask;
}

WEIR_FN void weir_set_touch(struct weir_ways *w, __u32 way, enum weir_class c, __u32 tick)
{
    w->stamp[way & (WEIR_WAYS - 1)] = weir_set_stamp(c, tick);
}

/* The way that goes first: higher means sooner. Class in the high bits, age below. */
WEIR_FN __u32 weir_set_price(__u32 stamp, __u32 tick)
{
    return (WEIR_CLASS_MAX - weir_stamp_class(stamp)) << WEIR_STAMP_BITS |
           weir_stamp_age(stamp, tick);
}

/* Take a free way, else the one that goes first among those of at most class `most`; WEIR_WAYS when
 * there is none. *ret_evicted: the tag that stood there, 0 when it was free. */
WEIR_FN __u32 weir_set_claim(struct weir_ways *w, __u32 tag, enum weir_class most, __u32 tick,
                             __u32 *ret_evicted)
{
    __u32 best = WEIR_WAYS, price = 0, old;

    *ret_evicted = 0;
    for (__u32 i = 0; i < WEIR_WAYS; i++) {
        __u32 way = (tag + i) & (WEIR_WAYS - 1), p;

        if (!w->tag[way] && !__sync_val_compare_and_swap(&w->tag[way], 0, tag))
            return way;
        p = weir_set_price(w->stamp[way], tick);
        if (p > price && weir_stamp_class(w->stamp[way]) <= (__u32)most) {
            price = p;
            best = way;
        }
    }
    if (best == WEIR_WAYS)
        return WEIR_WAYS;
    best &= WEIR_WAYS - 1;
    old = w->tag[best];
    if (__sync_val_compare_and_swap(&w->tag[best], old, tag) != old)
        return WEIR_WAYS; /* another CPU took it in this very moment: counted as full */
    *ret_evicted = old;
    return best;
}
