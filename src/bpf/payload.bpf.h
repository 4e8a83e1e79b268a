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

static __always_inline const struct weir_automaton *weir_automaton_of(__u32 lane)
{
    __u32 key = 0;
    void *inner = bpf_map_lookup_elem(&automata, &lane);

    return inner ? bpf_map_lookup_elem(inner, &key) : NULL;
}

struct weir_scan_walk {
    void *ctx;
    struct weir_run *r;
    const struct weir_automaton *a;
};

/* The next bytes into r->piece. */
static __always_inline bool weir_scan_chunk(void *ctx, __u32 hook, struct weir_run *r)
{
    __u32 n = r->scan_left < WEIR_PIECE ? r->scan_left : WEIR_PIECE;

    barrier_var(n);
    if (n < 1 || n > WEIR_PIECE || weir_load(ctx, hook, r->scan_off, r->piece.b, n))
        return false;
    r->scan_off += n;
    r->scan_left -= n;
    r->scan.at = 0;
    r->scan.end = n;
    return true;
}

/* One pattern that ends at this byte, or up to sixteen bytes. 1: done, or the bytes cannot be read
 * and scan_left says so. */
static __always_inline long weir_scan_on(struct weir_scan_walk *w, __u32 hook)
{
    const struct weir_automaton_view v = { .a = w->a, .words = WEIR_PATTERNS_WORDS };
    struct weir_run *r = w->r;
    __u32 output = *(volatile __u32 *)&r->scan_output;

    if (output != WEIR_OUTPUT_NONE) {
        const struct weir_signature *s = weir_signature_at(&v, weir_automaton_output(&v, &output));
        __u32 behind = r->scan_left + r->scan.end - r->scan.at;

        r->scan_output = output;
        if (s && weir_signature_holds(s, r->t.side & 1, (__u16)r->scan_port))
            weir_signature_take(&r->t, s, r->plan.offset + r->plan.bytes - behind);
    } else {
        if (r->scan.at >= r->scan.end && !weir_scan_chunk(w->ctx, hook, r))
            return 1;
        if (weir_scan_turn(&v, &r->scan, r->piece.b, WEIR_PIECE - 1) == WEIR_SCAN_MATCH)
            r->scan_output = weir_automaton_first_output(&v, r->scan.carry.state);
    }
    return r->scan.at >= r->scan.end && !r->scan_left && r->scan_output == WEIR_OUTPUT_NONE;
}

static long weir_scan_on_xdp(__u32 turn, struct weir_scan_walk *w)
{
    (void)turn;
    return weir_scan_on(w, WEIR_HOOK_XDP);
}

static long weir_scan_on_tc(__u32 turn, struct weir_scan_walk *w)
{
    (void)turn;
    return weir_scan_on(w, WEIR_HOOK_TC_INGRESS);
}

/* The plan's bytes against the patterns of a lane; r->scan.carry goes on. */
static __always_inline int weir_scan_run(void *ctx, __u32 hook, struct weir_run *r, __u32 lane)
{
    struct weir_scan_walk w = { .ctx = ctx, .r = r, .a = weir_automaton_of(lane) };
    __u32 turns = r->plan.bytes * (1 + WEIR_OUTPUT_CHAIN);

    if (!w.a)
        return 0;
    r->scan.at = r->scan.end = 0;
    r->scan_off = r->p.payload_off + r->plan.skip;
    r->scan_left = r->plan.bytes;
    r->scan_output = WEIR_OUTPUT_NONE;
    if (hook == WEIR_HOOK_XDP)
        bpf_loop(turns, weir_scan_on_xdp, &w, 0);
    else
        bpf_loop(turns, weir_scan_on_tc, &w, 0);
    return r->scan_left ? -1 : 1;
}

__noinline int weir_stage_scan_xdp(struct xdp_md *ctx, struct weir_run *r, __u32 lane)
{
    return r ? weir_scan_run(ctx, WEIR_HOOK_XDP, r, lane) : 0;
}

__noinline int weir_stage_scan_tc(struct __sk_buff *ctx, struct weir_run *r, __u32 lane)
{
    return r ? weir_scan_run(ctx, WEIR_HOOK_TC_INGRESS, r, lane) : 0;
}

static __always_inline void weir_payload_scan(void *ctx, __u32 hook, struct weir_run *r,
                                              struct weir_counters *c, struct weir_payload_side *s,
                                              __u16 port)
{
    if (!r->plan.bytes)
        return;
    r->scan_port = port;
    for (__u32 lane = 0; lane < WEIR_LANES; lane++) {
        int done;

        r->scan.carry = weir_payload_carry(s, &r->plan, lane);
        if (hook == WEIR_HOOK_XDP)
            done = weir_stage_scan_xdp(ctx, r, lane);
        else
            done = weir_stage_scan_tc(ctx, r, lane);
        if (done)
            weir_payload_carried(s, &r->plan, lane, &r->scan.carry);
        if (done < 0)
            c->n[WEIR_COUNTER_LOST_PAYLOAD]++;
    }
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
    weir_payload_scan(ctx, hook, r, c, s, f->dport);
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
