/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The fingerprint of a SYN: what of it is the habit of the program that made it, in 32 bits. p0f
 * compares version, initial TTL, length of IP options, MSS, window, window scale, options and
 * quirks (p0f 3 README, 5.2); the order of the options is not among what parsing keeps. */

#include "dataplane/pkt.h"

/* Senders start at 32, 64, 128 or 255, and few paths have 32 hops. */
WEIR_FN __u32 weir_initial_ttl(__u32 ttl)
{
    return ttl > 128 ? 3 : ttl > 64 ? 2 : ttl > 32 ? 1 : 0;
}

/* Never 0. */
WEIR_FN __u32 weir_print(const struct weir_pkt *p)
{
    __u64 h = (__u64)p->window << 48 | (__u64)p->mss << 32 | (__u32)p->options << 16 |
              (__u32)p->wscale << 8 | p->tcp_header;

    h = (h ^ h >> 31) * 0x9e3779b97f4a7c15ULL;
    h ^=
        (__u64)(p->ip_version | weir_initial_ttl(p->ttl) << 4 | (__u32)p->fragment_df << 6 |
                (__u32)!p->ip_id << 7 | (__u32)p->tcp_flags << 8 | (__u32) !!p->payload_bytes << 16)
        << 32;
    h = (h ^ h >> 31) * 0xff51afd7ed558ccdULL; /* as fmix64 of MurmurHash3 */
    return (__u32)(h >> 32) | 1;
}
