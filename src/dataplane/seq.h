/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Arithmetic of sequence numbers and ticks: modulo 2^32 (RFC 9293 3.4, RFC 1982). */

#include "dataplane/fn.h"

WEIR_FN bool weir_before(__u32 a, __u32 b)
{
    return (__s32)(a - b) < 0;
}

WEIR_FN bool weir_after(__u32 a, __u32 b)
{
    return (__s32)(b - a) < 0;
}

WEIR_FN __u32 weir_later(__u32 a, __u32 b)
{
    return weir_after(a, b) ? a : b;
}

/* Move *at forward to `to`, if that is later. Two processors may hold segments of one direction at
 * once, and neither may take back what the other wrote; the third loser of a race leaves it to the
 * next segment. */
WEIR_FN void weir_advance(__u32 *at, __u32 to)
{
    __u32 seen = *(volatile __u32 *)at, was;

    if (!weir_after(to, seen))
        return;
    was = __sync_val_compare_and_swap(at, seen, to);
    if (WEIR_UNLIKELY(was != seen) && weir_after(to, was))
        (void)__sync_val_compare_and_swap(at, was, to);
}

/* low <= v <= high */
WEIR_FN bool weir_between(__u32 v, __u32 low, __u32 high)
{
    return high - low >= v - low;
}
