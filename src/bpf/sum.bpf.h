/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* TCP checksums: the one thing that needs every byte of a packet. */

#include "glue.bpf.h"

#include "dataplane/sum.h"

#define WEIR_SUM_CHUNKS 128 /* 64 KiB, the largest IP packet */

/* Add the next chunk of r->sum_left bytes at r->sum_off; the last one is padded with zeros to a
 * word. 1: done, or these bytes cannot be read and sum_left says so. */
static __always_inline long weir_sum_chunk(void *ctx, __u32 hook, struct weir_run *r)
{
    __u32 n = r->sum_left < sizeof(r->piece.b) ? r->sum_left : sizeof(r->piece.b), words;

    barrier_var(n);
    if (n < 1 || n > sizeof(r->piece.b))
        return 1;
    if (n & 3)
        *(__u32 *)&r->piece.b[n & (sizeof(r->piece.b) - 4)] = 0;
    if (weir_load(ctx, hook, r->sum_off, r->piece.b, n))
        return 1;
    words = (n + 3) & ~3U;
    barrier_var(words);
    if (words > sizeof(r->piece.b))
        return 1;
    r->sum = (__u32)bpf_csum_diff(NULL, 0, (__be32 *)r->piece.b, words, r->sum);
    r->sum_left -= n;
    r->sum_off += n;
    return !r->sum_left;
}

/* bpf_loop() is verified for one turn; a loop in the program is for each of the 128. */
struct weir_sum_walk {
    void *ctx;
    struct weir_run *r;
};

static long weir_sum_turn_xdp(__u32 turn, struct weir_sum_walk *walk)
{
    (void)turn;
    return weir_sum_chunk(walk->ctx, WEIR_HOOK_XDP, walk->r);
}

static long weir_sum_turn_tc(__u32 turn, struct weir_sum_walk *walk)
{
    (void)turn;
    return weir_sum_chunk(walk->ctx, WEIR_HOOK_TC_INGRESS, walk->r);
}

/* True when all bytes were read. */
static __always_inline bool weir_sum_walk(void *ctx, __u32 hook, struct weir_run *r)
{
    struct weir_sum_walk walk = { .ctx = ctx, .r = r };

    if (hook == WEIR_HOOK_XDP)
        bpf_loop(WEIR_SUM_CHUNKS, weir_sum_turn_xdp, &walk, 0);
    else
        bpf_loop(WEIR_SUM_CHUNKS, weir_sum_turn_tc, &walk, 0);
    return !r->sum_left;
}

/* A segment that is in the window whole: no byte is copied twice. True: done. The window is not
 * read after this, so that the padding may be written into it. */
#define WEIR_SUM_QUICK (WEIR_WINDOW_BYTES / 2)

static __always_inline bool weir_sum_quick(struct weir_run *r)
{
    __u32 off = r->p.l4_off, words = (r->p.l4_len + 3) & ~3U;

    if (off + r->p.l4_len > r->w.cap || off >= WEIR_SUM_QUICK)
        return false;
    barrier_var(off);
    barrier_var(words);
    if (words > WEIR_SUM_QUICK || off >= WEIR_SUM_QUICK)
        return false;
    *(__u32 *)&r->w.b[(off + r->p.l4_len) & (WEIR_WINDOW_BYTES - 1)] = 0;
    r->sum = (__u32)bpf_csum_diff(NULL, 0, (__be32 *)(r->w.b + off), words, 0);
    return true;
}

static __always_inline int weir_sum_run(void *ctx, __u32 hook, struct weir_run *r)
{
    struct weir_counters *c = weir_counters_of(hook);

    if (!c)
        return 0;
    r->sum = 0;
    r->sum_off = r->p.l4_off;
    r->sum_left = r->p.l4_len;
    if (!weir_sum_quick(r) && !weir_sum_walk(ctx, hook, r)) {
        c->n[WEIR_COUNTER_LOST_SUM]++;
        return 0;
    }
    c->n[WEIR_COUNTER_SUM_CHECKED]++;
    weir_sum_judge_tcp(&r->p, r->sum);
    return 0;
}

__noinline int weir_stage_sum_xdp(struct xdp_md *ctx, struct weir_run *r)
{
    return r ? weir_sum_run(ctx, WEIR_HOOK_XDP, r) : 0;
}

__noinline int weir_stage_sum_tc(struct __sk_buff *ctx, struct weir_run *r)
{
    return r ? weir_sum_run(ctx, WEIR_HOOK_TC_INGRESS, r) : 0;
}

/* SYN, FIN and RST each time, because they change state; data whose bytes will be compared or read;
 * of the rest a sample. */
static __always_inline bool weir_sum_due(struct weir_run *r)
{
    if (!weir_sum_on || !weir_sum_checkable(&r->p))
        return false;
    return r->p.tcp_flags & (WEIR_SYN | WEIR_FIN | WEIR_RST) || r->compare || r->read ||
           (weir_hellos_on && r->hello) || !(r->ticks++ & weir_sum_mask);
}

static __always_inline void weir_sum(void *ctx, __u32 hook, struct weir_run *r,
                                     struct weir_counters *c)
{
    if (!weir_sum_due(r))
        return;
    if (hook == WEIR_HOOK_XDP) {
        (void)weir_stage_sum_xdp(ctx, r);
        return;
    }
    /* Several segments in one: who merged them checked each (GRO), or has yet to make the sums. */
    if (((struct __sk_buff *)ctx)->gso_size) {
        c->n[WEIR_COUNTER_SUM_OFFLOADED]++;
        return;
    }
    (void)weir_stage_sum_tc(ctx, r);
}
