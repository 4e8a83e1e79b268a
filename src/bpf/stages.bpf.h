/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The stages of a packet. Each is a global function: the verifier proves it once, alone, for any
 * argument, so that the states of one stage do not multiply with those of the next
 * (docs/decisions/001-stages.md has the numbers). */

#include "drop.bpf.h"
#include "flood.bpf.h"
#include "verdict.bpf.h"

#include "dataplane/tunnel.h"

__noinline int weir_stage_plain(struct weir_pkt *p, const struct weir_window *w)
{
    if (!p || !w)
        return WEIR_OUTCOME_SNAPPED;
    return weir_parse_plain(p, w);
}

__noinline int weir_stage_network(struct weir_pkt *p, const struct weir_window *w)
{
    if (!p || !w)
        return WEIR_OUTCOME_SNAPPED;
    return weir_parse_network(p, w);
}

/* The same behind a tunnel's header. A stage of its own: an offset that is no constant would cost
 * every packet 2 ns. */
__noinline int weir_stage_inside(struct weir_pkt *p, const struct weir_window *w, __u32 off,
                                 __u32 type)
{
    if (!p || !w)
        return WEIR_OUTCOME_SNAPPED;
    return weir_parse_ethertype(p, w, off, (__u16)type);
}

/* Apart from the header, because the states of the two would multiply. */
__noinline int weir_stage_options(struct weir_pkt *p, const struct weir_window *w)
{
    if (!p || !w)
        return WEIR_OUTCOME_SNAPPED;
    return weir_parse_tcp_options(p, w);
}

__noinline int weir_stage_transport(struct weir_pkt *p, const struct weir_window *w)
{
    int outcome;

    if (!p || !w)
        return WEIR_OUTCOME_SNAPPED;
    outcome = weir_parse_payload(p, w);
    return outcome == WEIR_PARSE_ON ? weir_stage_options(p, w) : outcome;
}

static __always_inline bool weir_address_allowed(const __u8 addr[16])
{
    struct weir_prefix6 key = { .bits = 128 };

    __builtin_memcpy(key.addr, addr, sizeof(key.addr));
    return bpf_map_lookup_elem(&allow, &key);
}

/* Is it sent by one that nothing may drop? In a tunnel either sender will do. */
static __always_inline bool weir_source_allowed(const struct weir_pkt *p)
{
    if (!*(volatile __u32 *)&control.allows)
        return false;
    if (p->tunnels && p->outside.depth && weir_address_allowed(p->outside.src))
        return true;
    return p->ip_version && weir_address_allowed(p->src);
}

__noinline int weir_stage_open(struct weir_pkt *p, const struct weir_window *w)
{
    if (!p || !w)
        return 0;
    return weir_tunnel_open(p, w);
}

__noinline int weir_stage_detect(struct weir_hits *h, const struct weir_pkt *p)
{
    const struct weir_rows judged = { { weir_judged[0], weir_judged[1] } };

    if (!h || !p)
        return 0;
    weir_detect_stateless(h, p, judged);
    return 0;
}

__noinline int weir_stage_detect_egress(struct weir_hits *h, const struct weir_pkt *p)
{
    const struct weir_rows judged = { { weir_judged_egress[0], weir_judged_egress[1] } };

    if (!h || !p)
        return 0;
    weir_detect_stateless(h, p, judged);
    return 0;
}

__noinline int weir_stage_detect_flow(struct weir_hits *h, const struct weir_pkt *p,
                                      const struct weir_track *t)
{
    const struct weir_rows judged = { { weir_judged[0], weir_judged[1] } };

    if (!h || !p || !t)
        return 0;
    weir_detect_flow(h, p, t, judged);
    return 0;
}

__noinline int weir_stage_detect_target(struct weir_hits *h, const struct weir_pkt *p,
                                        const struct weir_flood *f)
{
    const struct weir_rows judged = { { weir_judged[0], weir_judged[1] } };

    if (!h || !p || !f)
        return 0;
    weir_detect_target(h, p, f, judged);
    return 0;
}

/* Rows that the packet's zone judges: another may have them in the program. */
static __always_inline void weir_count_rows(struct weir_counters *c, const struct weir_hits *h,
                                            const struct weir_policy *p)
{
    struct weir_rows found, noted;

    for (int i = 0; i < 2; i++) {
        found.w[i] = h->found.w[i] & p->judged[i];
        noted.w[i] = h->noted.w[i] & p->judged[i];
    }
    for (__u32 row = 0; row < WEIR_ROWS; row++) {
        if (weir_rows_has(&found, row))
            c->found[row]++;
        if (weir_rows_has(&noted, row))
            c->noted[row]++;
    }
}

static __always_inline __u32 weir_drop_reason(enum weir_early found)
{
    return found == WEIR_EARLY_DENIED ? WEIR_DROP_DENY : WEIR_DROP_BAN;
}

enum weir_ban_answer {
    WEIR_BAN_HOLDS_NOT,
    WEIR_BAN_PASSES, /* it holds, and the mode lets the packet pass */
    WEIR_BAN_DROPS,
};

/* Is the packet's source banned? Asks again, by what the parser found, or for what is in a tunnel.
 */
__noinline int weir_stage_ban(struct weir_run *r, __u32 hook)
{
    struct weir_counters *c = weir_counters_of(hook);
    enum weir_early found;

    if (!r || !c || (r->p.tunnels && weir_source_allowed(&r->p)))
        return WEIR_BAN_HOLDS_NOT;
    found = weir_ban_late(hook, &r->p);
    if (found < WEIR_EARLY_BANNED)
        return WEIR_BAN_HOLDS_NOT;
    if (!weir_ban_act(c, found, weir_policy_of(r->ifindex, weir_pkt_vlan(&r->p))))
        return WEIR_BAN_PASSES;
    weir_drop_log(r, c, hook, weir_drop_reason(found));
    if (weir_evidence_packets)
        r->kept.drop = (__u8)weir_drop_reason(found);
    return WEIR_BAN_DROPS;
}

/* The last finding of a packet counts: that of what is inside a tunnel. */
static __always_inline void weir_evidence_decided(struct weir_run *r)
{
    if (!weir_evidence_packets)
        return;
    if (r->d.row < WEIR_ROWS) {
        r->kept.row = r->d.row;
        r->kept.action = r->d.action;
    }
    r->kept.would |= r->d.drop && !r->d.enforced;
    r->kept.drop = r->d.enforced ? WEIR_DROP_DETECTION : WEIR_DROP_NONE;
}

/* Policy's answer to the hits of a packet. 1: drop it. */
__noinline int weir_stage_decide(struct weir_run *r, __u32 hook)
{
    struct weir_counters *c = weir_counters_of(hook);
    const struct weir_policy *p;

    if (!r || !c)
        return 0;
    p = weir_policy_of(r->ifindex, weir_pkt_vlan(&r->p));
    weir_count_rows(c, &r->h, p);
    weir_decide(&r->d, &r->h, p, &r->p);
    if (r->d.drop && weir_source_allowed(&r->p)) {
        c->n[WEIR_COUNTER_SPARED]++;
        r->d.drop = 0;
        r->d.enforced = 0;
    }
    if (r->d.drop)
        c->n[r->d.enforced ? WEIR_COUNTER_DROP_DETECTION : WEIR_COUNTER_WOULD_DETECTION]++;
    weir_evidence_decided(r);
    if (r->d.row < WEIR_ROWS) {
        __u32 surge = weir_row_surge(r->d.row);

        if (surge < WEIR_SURGES)
            weir_flood_report(r, hook, surge);
        else
            weir_report(r, c, hook);
    }
    if (r->d.enforced)
        weir_drop_log(r, c, hook, WEIR_DROP_DETECTION);
    return r->d.enforced;
}

/* At egress: did the packet come in by an interface where this instance judged it? */
static __always_inline bool weir_judged_before(const struct weir_run *r)
{
    __u32 from = r->from;

    return from && bpf_map_lookup_elem(&inbound, &from);
}

/* Rows over the traits of r->p. */
static __always_inline void weir_detect_traits(struct weir_run *r, __u32 hook)
{
    if (hook == WEIR_HOOK_TC_EGRESS)
        (void)weir_stage_detect_egress(&r->h, &r->p);
    else
        (void)weir_stage_detect(&r->h, &r->p);
}

/* The packet around another: its header's own faults, no connection, and nothing to drop. */
static __always_inline void weir_judge_outside(struct weir_run *r, __u32 hook)
{
    if (!r->p.traits || (hook == WEIR_HOOK_TC_EGRESS && weir_judged_before(r)))
        return;
    weir_hits_begin(&r->h);
    weir_detect_traits(r, hook);
    if (weir_hits_any(&r->h))
        (void)weir_stage_decide(r, hook);
}

/* Replace the packet in r->p, whose outcome is a tunnel's, by the innermost one. What is outside is
 * judged on the way; the frame is dropped for what is inside alone. */
__noinline int weir_stage_tunnels(struct weir_run *r, __u32 hook)
{
    struct weir_counters *c = weir_counters_of(hook);
    struct weir_tunnel_frame f;
    __u32 cap, wire;
    int outcome;

    if (!r || !c)
        return 0;
    cap = r->w.cap;
    wire = r->w.wire;
    for (int i = 0; i < WEIR_TUNNELS_MAX + 1; i++) {
        if (!weir_stage_open(&r->p, &r->w))
            break;
        weir_judge_outside(r, hook);
        c->n[(WEIR_COUNTER_INSIDE_GRE - 1 + r->p.outside.opened) & (WEIR_COUNTERS - 1)]++;
        weir_tunnel_enter(&r->p, &r->w, &f);
        outcome = weir_tunnel_link(&r->w, &f);
        if (outcome == WEIR_PARSE_ON)
            outcome = weir_stage_inside(&r->p, &r->w, f.off, f.type);
        if (outcome == WEIR_PARSE_ON)
            outcome = weir_stage_transport(&r->p, &r->w);
        weir_tunnel_leave(&r->p, &r->w, &f, outcome);
    }
    r->w.cap = cap;
    r->w.wire = wire;
    return 0;
}
