/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The first bytes of each direction of a connection; dataplane/payload_flat.h is the same for a
 * host with the packet in one piece. */

#include "conn.bpf.h"

static __always_inline struct weir_payload *weir_payload_at(__u32 slot, __u32 way)
{
    __u32 key = weir_payload_place(slot, way, weir_payload_mask);

    return bpf_map_lookup_elem(&payloads, &key);
}

/* The connection's entry, an entry taken for it, or NULL. */
static __always_inline struct weir_payload *weir_payload_entry(__u32 slot, __u32 born, __u32 tick)
{
    for (__u32 way = 0; way < WEIR_PAYLOAD_WAYS; way++) {
        struct weir_payload *e = weir_payload_at(slot, way);

        if (e && weir_payload_is(e, slot, born))
            return e;
    }
    for (__u32 way = 0; way < WEIR_PAYLOAD_WAYS; way++) {
        struct weir_payload *e = weir_payload_at(slot, way);

        if (e && weir_payload_is_free(e, slot, tick) && weir_payload_claim(e, slot, born, tick))
            return e;
    }
    return NULL;
}

__noinline int weir_stage_greeting(struct weir_greeting *g, __u32 to_client, __u32 byte)
{
    if (g)
        weir_greeting_step(g, to_client, (__u8)byte);
    return 0;
}

/* Bytes of the payload from `at` into r->piece. */
static __always_inline bool weir_payload_load(void *ctx, __u32 hook, struct weir_run *r, __u32 at,
                                              __u32 n)
{
    barrier_var(n);
    if (n < 1 || n > WEIR_PIECE)
        return false;
    return weir_load(ctx, hook, r->p.payload_off + at, r->piece.b, n) == 0;
}

static __always_inline void weir_payload_greet(void *ctx, __u32 hook, struct weir_run *r,
                                               struct weir_counters *c, struct weir_payload_side *s,
                                               const struct weir_flow *f)
{
    __u32 n = weir_payload_greets(s, &r->plan);

    if (!n)
        return;
    if (!weir_payload_load(ctx, hook, r, r->plan.skip, n)) {
        c->n[WEIR_COUNTER_LOST_PAYLOAD]++;
        return;
    }
    for (__u32 i = 0; i < WEIR_GREETING_BYTES; i++) {
        if (i >= n || weir_greeting_done(&s->greeting))
            break;
        (void)weir_stage_greeting(&s->greeting, r->t.side, r->piece.b[i]);
    }
    weir_payload_greeted(&r->t, s, f);
}

static __always_inline int weir_payload_run(void *ctx, __u32 hook, struct weir_run *r,
                                            struct weir_counters *c)
{
    __u32 way = r->at & (WEIR_WAYS - 1);
    __u32 slot = weir_set_index(r->hash, weir_flow_mask) * WEIR_WAYS + way;
    struct weir_payload_side *s = NULL;
    struct weir_flow_side *of;
    struct weir_payload *e;
    struct weir_seat seat;
    struct weir_flow *f;

    if (!weir_flows_of(r->hash, &seat))
        return 0;
    f = &seat.set->flow[way];
    of = &f->side[r->t.side & 1];
    if (!(of->flags & WEIR_SIDE_READ)) {
        e = weir_payload_entry(slot, weir_payload_born(f), r->t.tick);
        if (e) {
            e->last_tick = r->t.tick;
            s = &e->side[r->t.side & 1];
        } else {
            c->n[WEIR_COUNTER_LOST_PAYLOAD_ENTRY]++;
        }
    }
    weir_payload_plan(&r->plan, s, f, r->t.side, &r->p, weir_payload_depth);
    if (!s)
        return 0;
    weir_payload_tiny(&r->t, s, &r->plan, &r->p);
    weir_payload_urgent(&r->t, s, &r->plan, &r->p);
    weir_payload_greet(ctx, hook, r, c, s, f);
    return 0;
}

__noinline int weir_stage_payload_xdp(struct xdp_md *ctx, struct weir_run *r)
{
    struct weir_counters *c = weir_counters_of(WEIR_HOOK_XDP);

    return r && c ? weir_payload_run(ctx, WEIR_HOOK_XDP, r, c) : 0;
}

__noinline int weir_stage_payload_tc(struct __sk_buff *ctx, struct weir_run *r, __u32 hook)
{
    struct weir_counters *c = weir_counters_of(hook);

    return r && c ? weir_payload_run(ctx, WEIR_HOOK_TC_INGRESS, r, c) : 0;
}

/* Only what was taken, of a connection that both ends agree on. */
static __always_inline void weir_payload(void *ctx, __u32 hook, struct weir_run *r)
{
    if (WEIR_LIKELY(!r->read) || r->at >= WEIR_AT_HALF || r->t.facts & WEIR_FACTS_REFUSED)
        return;
    if (hook == WEIR_HOOK_XDP)
        (void)weir_stage_payload_xdp(ctx, r);
    else
        (void)weir_stage_payload_tc(ctx, r, hook);
}
