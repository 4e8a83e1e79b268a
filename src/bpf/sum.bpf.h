/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* TCP checksums: the one thing that needs every byte of a packet. */

#include "glue.bpf.h"

#include "dataplane/sum.h"

#define WEIR_SUM_CHUNKS 128 /* 64 KiB, the largest IP packet */

/* Add up r->sum_left bytes at r->sum_off, in chunks; the last one is padded with zeros to a word.
 * True when all of them were read. */
static __always_inline bool weir_sum_walk(void *ctx, __u32 hook, struct weir_run *r)
{
    for (int i = 0; i < WEIR_SUM_CHUNKS; i++) {
        __u32 left = *(volatile __u32 *)&r->sum_left, off = *(volatile __u32 *)&r->sum_off;
        __u32 n = left < sizeof(r->chunk) ? left : sizeof(r->chunk);

        if (!left)
            return true;
        barrier_var(n);
        if (n < 1 || n > sizeof(r->chunk))
            return false;
        if (n & 3)
            *(__u32 *)&r->chunk[(n & ~3U) & (sizeof(r->chunk) - 1)] = 0;
        if (weir_load(ctx, hook, off, r->chunk, n))
            return false;
        n = (n + 3) & ~3U;
        barrier_var(n);
        if (n > sizeof(r->chunk))
            return false;
        *(volatile __u32 *)&r->sum =
            (__u32)bpf_csum_diff(NULL, 0, (__be32 *)r->chunk, n, *(volatile __u32 *)&r->sum);
        *(volatile __u32 *)&r->sum_left =
            left - (left < sizeof(r->chunk) ? left : sizeof(r->chunk));
        *(volatile __u32 *)&r->sum_off = off + sizeof(r->chunk);
    }
    return !*(volatile __u32 *)&r->sum_left;
}

static __always_inline int weir_sum_run(void *ctx, __u32 hook, struct weir_run *r)
{
    struct weir_counters *c = weir_counters_of(hook);

    if (!c)
        return 0;
    r->sum = 0;
    r->sum_off = r->p.l4_off;
    r->sum_left = r->p.l4_len;
    if (!weir_sum_walk(ctx, hook, r)) {
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

/* SYN, FIN and RST each time, because they change state; of the rest a sample. */
static __always_inline bool weir_sum_due(struct weir_run *r)
{
    if (!weir_sum_on || !weir_sum_checkable(&r->p))
        return false;
    return r->p.tcp_flags & (WEIR_SYN | WEIR_FIN | WEIR_RST) || !(r->ticks++ & weir_sum_mask);
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
