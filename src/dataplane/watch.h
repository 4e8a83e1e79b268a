/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Whose packets are kept whole: a source from the first packet of an incident on, so many of its
 * packets and of those sent to it, for a limited time. */

#include "abi/evidence.h"
#include "dataplane/hash.h"

WEIR_FN __u32 weir_watch_place(const struct weir_hash_key *k, const __u8 addr[16], bool ip4)
{
    return (__u32)weir_hash_end(k, addr, 0, ip4) & (WEIR_WATCHES - 1);
}

WEIR_FN bool weir_watch_is(const struct weir_watch *w, const __u8 addr[16])
{
    __u64 a[2], b[2];

    __builtin_memcpy(a, w->addr, sizeof(a));
    __builtin_memcpy(b, addr, sizeof(b));
    return a[0] == b[0] && a[1] == b[1];
}

enum weir_watch_begin {
    WEIR_WATCH_REFUSED, /* its place is another source's */
    WEIR_WATCH_RENEWED, /* it was watched: as many packets again */
    WEIR_WATCH_BEGUN,
};

/* A second incident of a source that is watched belongs into the same file. */
WEIR_FN enum weir_watch_begin weir_watch_begin(struct weir_watch *w, const __u8 addr[16],
                                               __u64 now_ns, __u32 packets)
{
    __u64 until = *(volatile __u64 *)&w->until_ns;
    __u32 left = *(volatile __u32 *)&w->left;

    if (until > now_ns && left) {
        if (!weir_watch_is(w, addr))
            return WEIR_WATCH_REFUSED;
        *(volatile __u32 *)&w->left = packets;
        return WEIR_WATCH_RENEWED;
    }
    if (__sync_val_compare_and_swap(&w->until_ns, until, now_ns + WEIR_WATCH_NS) != until)
        return WEIR_WATCH_REFUSED; /* another CPU was faster */
    __builtin_memcpy(w->addr, addr, sizeof(w->addr));
    w->number++;
    *(volatile __u32 *)&w->left = packets;
    return WEIR_WATCH_BEGUN;
}

/* Packets that were left before this one, which is taken; 0: it is not watched. */
WEIR_FN __u32 weir_watch_take(struct weir_watch *w, const __u8 addr[16], __u64 now_ns)
{
    __u32 left = *(volatile __u32 *)&w->left;

    if (WEIR_LIKELY(!left) || *(volatile __u64 *)&w->until_ns <= now_ns || !weir_watch_is(w, addr))
        return 0;
    left = __sync_fetch_and_add(&w->left, (__u32)-1);
    if (left && left < 1U << 31)
        return left;
    *(volatile __u32 *)&w->left = 0; /* another CPU took the last one meanwhile */
    return 0;
}
