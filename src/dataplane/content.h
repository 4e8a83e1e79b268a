/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Retransmissions that changed: seq.overlap_conflict. The stream is cut at every 16th byte behind
 * the SYN, wherever segments begin and end, so that what is sent again in other pieces, or merged
 * by offloads, is compared all the same. An aligned piece of 16 bytes is in every run of 31, so a
 * conflict of that length is always looked at; one changed piece is missed with probability 1/255,
 * and the key keeps an attacker from choosing it. */

#include "abi/content.h"
#include "dataplane/hash.h"
#include "dataplane/track.h"

#define WEIR_PIECE 512

struct weir_piece {
    __u8 b[WEIR_PIECE];
};

/* The part of a segment that is compared: whole chunks inside the first bytes of the stream. */
struct weir_content_span {
    __u32 skip;  /* bytes of the payload in front of the first chunk */
    __u32 bytes; /* multiple of WEIR_CONTENT_CHUNK; 0: nothing to compare */
    __u32 at;    /* offset of the first chunk in the stream */
    __u32 brief; /* bytes of a segment that holds no whole chunk; 0: it does */
};

#define WEIR_BRIEF_MAX                                                                             \
    (2 * WEIR_CONTENT_CHUNK - 2) /* a segment of one more holds a whole chunk                      \
                                  */

/* Only of connections whose SYN was seen: else there is no offset to count from. */
WEIR_FN struct weir_content_span weir_content_span(const struct weir_flow *f, __u32 side,
                                                   const struct weir_pkt *p)
{
    const struct weir_flow_side *s = &f->side[side & 1];
    __u32 at = p->seq - s->isn - 1, end;
    struct weir_content_span span = { 0 };

    if (!p->payload_bytes || !(s->flags & WEIR_SIDE_SYN) || s->flags & WEIR_SIDE_LOOSE ||
        at >= WEIR_CONTENT_BYTES)
        return span;
    end = at + p->payload_bytes;
    if (end > WEIR_CONTENT_BYTES)
        end = WEIR_CONTENT_BYTES;
    end &= ~(WEIR_CONTENT_CHUNK - 1U);
    span.skip = -at & (WEIR_CONTENT_CHUNK - 1U);
    span.at = at + span.skip;
    if (end > span.at)
        span.bytes = end - span.at;
    else if (p->payload_bytes > 1 &&
             p->payload_bytes <= WEIR_BRIEF_MAX) /* 1: a keep-alive, a window probe */
        span = (struct weir_content_span){ .at = at, .brief = p->payload_bytes };
    return span;
}

WEIR_FN bool weir_content_wants(const struct weir_content_span *span)
{
    return span->bytes | span->brief;
}

/* The slot of a connection; *next counts those given out. */
WEIR_FN __u32 weir_content_slot(struct weir_flow *f, __u32 *next, __u32 mask)
{
    __u32 *slot = &f->perf[0].content;

    if (!*slot)
        *slot = (__sync_fetch_and_add(next, 1) & mask) + 1;
    return *slot - 1;
}

/* Make the slot the connection's, when it is fresh. False: another has it by now. */
WEIR_FN bool weir_content_own(struct weir_content *c, struct weir_flow *f)
{
    if (f->marks & WEIR_FLOW_CONTENT)
        return c->owner == f->start_ns;
    (void)weir_flow_mark(f, WEIR_FLOW_CONTENT);
    for (__u32 i = 0; i < sizeof(c->side) / 8; i++)
        ((volatile __u64 *)c->side)[i] = 0; /* volatile: BPF has no memset() to call */
    c->owner = f->start_ns;
    return true;
}

WEIR_FN __u8 weir_content_sum(const struct weir_hash_key *k, const __u8 *chunk)
{
    __u32 w[4];
    __u64 h;
    __u8 sum;

    __builtin_memcpy(w, chunk, sizeof(w));
    h = weir_nh(w[0], w[1], k->word[8], k->word[9]) + weir_nh(w[2], w[3], k->word[10], k->word[11]);
    sum = (__u8)(weir_hash_mix(h) >> 24);
    return sum ? sum : 1;
}

/* n bytes of the stream from offset `at` on, both multiples of 16: compare with what was seen,
 * remember what was not. Returns how many chunks differ. */
WEIR_STAGE int weir_content_piece(struct weir_content_side *c, const struct weir_piece *piece,
                                  const struct weir_hash_key *k, __u32 at, __u32 n)
{
    int differ = 0;

    if (!c || !piece || !k)
        return 0;
    for (__u32 i = 0; i < WEIR_PIECE; i += WEIR_CONTENT_CHUNK) {
        __u32 chunk = (at + i) / WEIR_CONTENT_CHUNK & (WEIR_CONTENT_SUMS - 1);
        __u8 sum, before;

        if (i >= n)
            break;
        sum = weir_content_sum(k, piece->b + i);
        before = c->sum[chunk];
        if (!before)
            c->sum[chunk] = sum;
        else if (before != sum)
            differ++;
    }
    return differ;
}

/* A segment of `bytes` at `at` that holds no whole chunk; the piece is zero behind it. Returns 1
 * when one of the same place and length had other bytes. */
WEIR_STAGE int weir_content_brief(struct weir_content_side *c, const struct weir_piece *piece,
                                  const struct weir_hash_key *k, __u32 at, __u32 bytes)
{
    struct weir_content_short fresh = { .at = (__u16)at, .bytes = (__u8)bytes };
    __u32 w[8], next;
    __u64 h = bytes;

    if (!c || !piece || !k)
        return 0;
    __builtin_memcpy(w, piece->b, sizeof(w));
    for (__u32 i = 0; i < 8; i += 2)
        h += weir_nh(w[i], w[i + 1], k->word[4 + i], k->word[5 + i]);
    fresh.sum = (__u32)(weir_hash_mix(h) >> 24);
    for (__u32 i = 0; i < WEIR_CONTENT_SHORTS; i++)
        if (c->brief[i].at == fresh.at && c->brief[i].bytes == fresh.bytes)
            return c->brief[i].sum != fresh.sum;
    next = c->next;
    c->next = next + 1 < WEIR_CONTENT_SHORTS ? next + 1 : 0;
    if (next < WEIR_CONTENT_SHORTS)
        c->brief[next] = fresh;
    return 0;
}

/* differ: how many pieces did. */
WEIR_FN void weir_content_judge(struct weir_track *t, const struct weir_content_span *span,
                                __u32 differ)
{
    if (!differ)
        return;
    t->facts |= WEIR_FACT_OVERLAP_CONFLICT;
    t->conflict_at = span->at;
    t->conflict_bytes = span->brief ? span->brief : differ * WEIR_CONTENT_CHUNK;
}
