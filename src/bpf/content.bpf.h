/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The bytes of a segment against those that stood in their place before: read in pieces, wherever
 * they lie. */

#include "conn.bpf.h"

/* 16 KiB are 32 whole pieces; one more for a start in the middle. */
#define WEIR_CONTENT_PIECES (WEIR_CONTENT_BYTES / WEIR_PIECE + 1)

struct weir_content_walk {
    void *ctx;
    struct weir_run *r;
    struct weir_content_side *side;
};

/* The next piece. 1: done, or these bytes cannot be read and r->content.bytes says so. */
static __always_inline long weir_content_step(__u32 hook, struct weir_content_walk *walk)
{
    struct weir_run *r = walk->r;
    __u32 n = r->content.bytes < WEIR_PIECE ? r->content.bytes : WEIR_PIECE;

    barrier_var(n);
    if (n < 1 || n > WEIR_PIECE)
        return 1;
    if (weir_load(walk->ctx, hook, r->p.payload_off + r->content.skip, r->piece.b, n))
        return 1;
    r->differ += weir_content_piece(walk->side, &r->piece, &control.hash_key, r->content.at, n);
    r->content.skip += n;
    r->content.at += n;
    r->content.bytes -= n;
    return !r->content.bytes;
}

static long weir_content_turn_xdp(__u32 turn, struct weir_content_walk *walk)
{
    (void)turn;
    return weir_content_step(WEIR_HOOK_XDP, walk);
}

static long weir_content_turn_tc(__u32 turn, struct weir_content_walk *walk)
{
    (void)turn;
    return weir_content_step(WEIR_HOOK_TC_INGRESS, walk);
}

static __always_inline void weir_content_run_brief(struct weir_content_walk *walk, __u32 hook)
{
    struct weir_run *r = walk->r;
    __u32 n = r->content.brief;

    __builtin_memset(r->piece.b, 0, 2 * WEIR_CONTENT_CHUNK);
    barrier_var(n);
    if (n < 1 || n > WEIR_BRIEF_MAX || weir_load(walk->ctx, hook, r->p.payload_off, r->piece.b, n))
        r->content.bytes = 1; /* counted as not compared */
    else
        r->differ = weir_content_brief(walk->side, &r->piece, &control.hash_key, r->content.at, n);
}

static __always_inline struct weir_content *weir_content_of(struct weir_flow *f)
{
    __u32 slot = weir_content_slot(f, &control.content_next, weir_content_mask);

    return bpf_map_lookup_elem(&contents, &slot);
}

static __always_inline int weir_content_run(void *ctx, __u32 hook, struct weir_run *r,
                                            struct weir_counters *c)
{
    struct weir_content_walk walk = { .ctx = ctx, .r = r };
    struct weir_content_span span;
    struct weir_content *content;
    struct weir_seat seat;
    struct weir_flow *f;

    if (!weir_flows_of(r->hash, &seat) || r->at >= WEIR_AT_HALF)
        return 0;
    f = &seat.set->flow[r->at & (WEIR_WAYS - 1)];
    span = weir_content_span(f, r->t.side, &r->p);
    content = weir_content_wants(&span) ? weir_content_of(f) : NULL;
    if (!content)
        return 0;
    if (!weir_content_own(content, f)) {
        c->n[WEIR_COUNTER_LOST_CONTENT]++;
        return 0;
    }
    walk.side = &content->side[r->t.side & 1];
    r->content = span;
    r->differ = 0;
    if (span.brief)
        weir_content_run_brief(&walk, hook);
    else if (hook == WEIR_HOOK_XDP)
        bpf_loop(WEIR_CONTENT_PIECES, weir_content_turn_xdp, &walk, 0);
    else
        bpf_loop(WEIR_CONTENT_PIECES, weir_content_turn_tc, &walk, 0);
    if (r->content.bytes)
        c->n[WEIR_COUNTER_LOST_CONTENT]++;
    weir_content_judge(&r->t, &span, r->differ);
    return 0;
}

__noinline int weir_stage_content_xdp(struct xdp_md *ctx, struct weir_run *r)
{
    struct weir_counters *c = weir_counters_of(WEIR_HOOK_XDP);

    return r && c ? weir_content_run(ctx, WEIR_HOOK_XDP, r, c) : 0;
}

__noinline int weir_stage_content_tc(struct __sk_buff *ctx, struct weir_run *r, __u32 hook)
{
    struct weir_counters *c = weir_counters_of(hook);

    return r && c ? weir_content_run(ctx, WEIR_HOOK_TC_INGRESS, r, c) : 0;
}

/* Only what was taken: a refused segment stands in nobody's place. */
static __always_inline void weir_content(void *ctx, __u32 hook, struct weir_run *r)
{
    if (!r->compare || r->t.facts & WEIR_FACTS_REFUSED)
        return;
    if (hook == WEIR_HOOK_XDP)
        (void)weir_stage_content_xdp(ctx, r);
    else
        (void)weir_stage_content_tc(ctx, r, hook);
}
