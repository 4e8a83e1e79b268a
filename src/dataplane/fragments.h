/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Fragments that overlap: receivers differ in whose bytes they keep, so that one who watches is
 * told another datagram than the one who is meant (Ptacek and Newsham 1998; RFC 5722 forbids it).
 * The same fragment once more is what networks do, and says nothing. */

#include "abi/fragment.h"
#include "dataplane/hash.h"
#include "dataplane/track.h"

#define WEIR_FRAGMENTS_AGE                                                                         \
    WEIR_TICKS(30)            /* that Linux waits for the rest: ip_frag.h, IP_FRAG_TIME */
#define WEIR_FRAGMENTS_WAYS 4 /* entries that a datagram may have; a power of two */
#define WEIR_FRAGMENTS_BUSY 1

/* IPv4 fragments of other protocols are left alone: at 16 bits their numbers come again within
 * seconds (RFC 4963). */
WEIR_FN bool weir_fragments_wanted(const struct weir_pkt *p)
{
    __u64 cut = WEIR_TRAIT_IP4_LENGTH | WEIR_TRAIT_IP4_CHECKSUM | WEIR_TRAIT_IP6_LENGTH;

    return p->traits & WEIR_TRAIT_FRAGMENT && !(p->traits & cut) && p->fragment_bytes &&
           (p->fragment_off || p->fragment_more) && (p->ip_version == 6 || weir_pkt_claims_tcp(p));
}

/* Name of the datagram: RFC 791 3.2, RFC 8200 4.5. Never 0 or WEIR_FRAGMENTS_BUSY. */
WEIR_FN __u64 weir_fragments_owner(const struct weir_hash_key *k, const struct weir_pkt *p)
{
    bool ip4 = p->ip_version == 4;
    __u64 h = weir_hash_end(k, p->src, p->ip_id, ip4) +
              weir_hash_mix(weir_hash_end(k, p->dst, ip4 ? p->proto : 0, ip4) + k->word[8]);

    h = weir_hash_inside(weir_hash_mix(h), p);
    return h > WEIR_FRAGMENTS_BUSY ? h : h + 2;
}

/* Where an entry of the datagram may be: places differ in their low bits. */
WEIR_FN __u32 weir_fragments_place(__u64 owner, __u32 way, __u32 mask)
{
    return ((__u32)(owner >> 32) ^ way) & mask;
}

WEIR_FN bool weir_fragments_is(const struct weir_fragments *f, __u64 owner, __u32 tick)
{
    return f->owner == owner && tick - f->last_tick <= WEIR_FRAGMENTS_AGE;
}

WEIR_FN bool weir_fragments_free(const struct weir_fragments *f, __u32 tick)
{
    __u32 idle = tick - f->last_tick;

    return !f->owner || (idle > WEIR_FRAGMENTS_AGE && idle < 1U << 31);
}

/* Take a free entry. False: another CPU was faster. */
WEIR_FN bool weir_fragments_claim(struct weir_fragments *f, __u64 owner, __u32 tick)
{
    __u64 old = *(volatile __u64 *)&f->owner;

    if (old == WEIR_FRAGMENTS_BUSY ||
        __sync_val_compare_and_swap(&f->owner, old, WEIR_FRAGMENTS_BUSY) != old)
        return false;
    f->last_tick = tick;
    f->count = 0;
    *(volatile __u64 *)&f->owner = owner;
    return true;
}

/* The packet's bytes against those that were there. Returns whether some of them were forgotten:
 * more fragments than are remembered. */
WEIR_STAGE int weir_fragments_note(struct weir_track *t, struct weir_fragments *f,
                                   const struct weir_pkt *p)
{
    __u32 start, end, n;

    if (!t || !f || !p)
        return 0;
    start = p->fragment_off;
    end = start + p->fragment_bytes;
    f->last_tick = t->tick;
    n = f->count < WEIR_FRAGMENT_SPANS ? f->count : WEIR_FRAGMENT_SPANS;
    for (__u32 i = 0; i < WEIR_FRAGMENT_SPANS; i++) {
        const struct weir_fragment_span *s = &f->span[i];

        if (i >= n)
            break;
        if (s->start == start && s->end == end)
            return 0;
        if (start < s->end && s->start < end)
            weir_fact(t, WEIR_FACT_FRAGMENT_OVERLAP, start, p->fragment_bytes);
    }
    f->span[f->count & (WEIR_FRAGMENT_SPANS - 1)] = (struct weir_fragment_span){ start, end };
    return f->count++ >= WEIR_FRAGMENT_SPANS;
}
