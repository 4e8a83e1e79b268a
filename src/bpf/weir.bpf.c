/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */

/* The kernel host of the inspection core: one packet at XDP, TC ingress or TC egress. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "content.bpf.h"
#include "cookie.bpf.h"
#include "evidence.bpf.h"
#include "fragments.bpf.h"
#include "hello.bpf.h"
#include "payload.bpf.h"
#include "scan.bpf.h"
#include "stages.bpf.h"
#include "sum.bpf.h"

char _license[] SEC("license") = "Dual BSD/GPL";

#define WEIR_TC_NEXT (-1) /* TCX_NEXT, TC_ACT_UNSPEC: the next program has its say */
#define WEIR_TC_DROP 2    /* TC_ACT_SHOT */

/* The id of a tag that the hardware, or the kernel on its way here, took out of the frame. */
static __always_inline __u32 weir_vlan_beside(void *ctx, __u32 hook)
{
    const struct __sk_buff *skb = ctx;

    return hook != WEIR_HOOK_XDP && skb->vlan_present ? skb->vlan_tci & 0x0fff : 0;
}

/* The same, into what the parser says. */
static __always_inline void weir_vlan_offloaded(struct __sk_buff *skb, struct weir_pkt *p)
{
    if (WEIR_LIKELY(!skb->vlan_present))
        return;
    p->vlan[0] = skb->vlan_tci & 0x0fff;
    p->vlans = 1;
}

/* The parser allows two tags in the frame; with one beside it that is a third. */
static __always_inline int weir_vlan_depth(struct weir_pkt *p, int outcome)
{
    if (WEIR_LIKELY(p->vlans <= 2))
        return outcome;
    p->traits = WEIR_TRAIT_VLAN_DEPTH;
    p->vlans = 2;
    p->ip_version = 0;
    return WEIR_OUTCOME_VLAN_DEPTH;
}

/* Rows over a packet that has traits or facts. True: drop it. */
static __always_inline bool weir_judge(struct weir_run *r, __u32 hook)
{
    weir_hits_begin(&r->h);
    if (r->f.facts)
        (void)weir_stage_detect_target(&r->h, &r->p, &r->f);
    if (r->t.facts)
        (void)weir_stage_detect_flow(&r->h, &r->p, &r->t);
    if (r->p.traits)
        weir_detect_traits(r, hook);
    return weir_hits_any(&r->h) && weir_stage_decide(r, hook);
}

/* Was a forwarded packet judged when it came in? Marks what this machine itself sends. */
static __always_inline bool weir_egress_again(struct weir_run *r, struct weir_counters *c)
{
    if (!r->from) {
        r->p.link_flags |= WEIR_LINK_SENT;
        return false;
    }
    if (!weir_judged_before(r))
        return false;
    c->n[WEIR_COUNTER_FLOW_SEEN]++;
    r->kept.passed = 1;
    return true;
}

/* Facts that only the host has, and what the packet's connection says to it. The checksum comes
 * between finding the connection and holding the packet against it: what its receiver drops changes
 * no state. */
static __always_inline void weir_facts(void *ctx, __u32 hook, struct weir_run *r,
                                       struct weir_counters *c)
{
    bool tracks;

    if (hook != WEIR_HOOK_TC_EGRESS && r->p.ip_version && weir_addr_own(r->p.src))
        r->p.traits |= WEIR_TRAIT_SRC_OWN;
    tracks = weir_flow_on && weir_conn_tracks(&r->p);
    __builtin_memset(&r->t, 0, __builtin_offsetof(struct weir_track, scan));
    r->f.facts = 0;
    r->compare = r->read = 0;
    if (tracks)
        (void)weir_stage_find(r);
    if (tracks && weir_hellos_on)
        (void)weir_stage_hello_ask(r);
    if (hook != WEIR_HOOK_TC_EGRESS)
        weir_sum(ctx, hook, r, c);
    if (tracks && !(r->p.traits & WEIR_TRAIT_TCP_CHECKSUM)) {
        (void)weir_stage_conn(r, hook);
        weir_content(ctx, hook, r);
        weir_payload(ctx, hook, r);
        if (hook == WEIR_HOOK_XDP && weir_cookie_returns(&r->t, &r->p) && weir_cookie_is_out(r))
            (void)weir_stage_cookie_back(ctx, r);
        if (weir_sources_on && r->t.moment)
            (void)weir_stage_scan(r, hook);
        if (r->t.moment && weir_flood_on)
            (void)weir_stage_flood(r, hook);
    } else if (WEIR_UNLIKELY(r->p.outcome == WEIR_OUTCOME_ICMP_TCP && weir_flow_on)) {
        if (weir_stage_quote(r) && weir_sources_on)
            (void)weir_stage_source(r, hook);
    } else if (weir_flow_on && WEIR_UNLIKELY(r->p.traits & WEIR_TRAIT_FRAGMENT) &&
               weir_fragments_wanted(&r->p)) {
        (void)weir_stage_fragment(r, hook);
    } else if (WEIR_UNLIKELY(r->p.traits & WEIR_TRAIT_TCP_FLAGS) && weir_flow_on &&
               weir_sources_on && hook != WEIR_HOOK_TC_EGRESS) {
        (void)weir_stage_illegal(r, hook);
    }
}

static __always_inline int weir_parse_frame(void *ctx, __u32 hook, struct weir_run *r)
{
    struct weir_pkt *p = &r->p;
    int outcome;

    __builtin_memset(p, 0, __builtin_offsetof(struct weir_pkt, outside));
    p->frame_bytes = r->w.wire;
    if (hook != WEIR_HOOK_XDP)
        weir_vlan_offloaded(ctx, p);
    outcome = weir_stage_plain(p, &r->w);
    if (WEIR_UNLIKELY(outcome == WEIR_PARSE_ON)) {
        outcome = weir_stage_network(p, &r->w);
        if (outcome == WEIR_PARSE_ON)
            outcome = weir_stage_transport(p, &r->w);
    }
    return hook == WEIR_HOOK_XDP ? outcome : weir_vlan_depth(p, outcome);
}

/* Does what was read from the first words stand, whatever else the frame holds? Not when the parser
 * wanted bytes it did not have, or when the frame is longer than its linear part. */
static __always_inline bool weir_quick_stands(const struct weir_run *r, int outcome)
{
    if (r->p.traits & WEIR_TRAIT_TRUNCATED)
        return false;
    if (WEIR_LIKELY(outcome == WEIR_OUTCOME_TCP))
        return true;
    return outcome == WEIR_OUTCOME_TCP_FRAGMENT ||
           (outcome == WEIR_OUTCOME_UDP && r->p.l4_off + 4 <= r->w.cap);
}

/* Length of a frame without asking the kernel, unless it may have more buffers: frames beyond an
 * Ethernet MTU. */
static __always_inline __u32 weir_quick_bytes(void *ctx, __u32 hook, void *data, void *end)
{
    __u32 linear = (__u32)(end - data);

    if (hook == WEIR_HOOK_XDP && WEIR_LIKELY(linear <= WEIR_IP4_OFFLOAD_MIN))
        return linear;
    return weir_frame_bytes(ctx, hook);
}

/* Parse the frame. WEIR_PARSE_ON: it cannot be read at all. */
static __always_inline int weir_frame(void *ctx, __u32 hook, struct weir_run *r, void *data,
                                      void *end)
{
    int outcome;

    r->w.cap = weir_window_quick(&r->w, data, end);
    /* An IP length beyond the first buffer shows as a trait. An IP length of 0, for which the
     * parser takes the frame's, is only believed in a frame so long that this asks for all buffers.
     */
    r->w.wire = weir_quick_bytes(ctx, hook, data, end);
    outcome = weir_parse_frame(ctx, hook, r);
    if (WEIR_LIKELY(weir_quick_stands(r, outcome)))
        return outcome;
    if (!weir_window_load(ctx, hook, &r->w))
        return WEIR_PARSE_ON;
    return weir_parse_frame(ctx, hook, r);
}

/* The packet of a banned source goes unparsed: only a record of it needs more. */
static __always_inline void weir_drop_log_early(void *ctx, __u32 hook, struct weir_counters *c,
                                                void *data, void *end, __u32 ifindex,
                                                enum weir_early found)
{
    struct weir_run *r = weir_run_of(hook);
    int outcome;

    if (!r || !weir_drop_allowed(r, c))
        return;
    outcome = weir_frame(ctx, hook, r, data, end);
    if (outcome == WEIR_PARSE_ON)
        return;
    r->p.outcome = outcome;
    r->ifindex = ifindex;
    (void)weir_stage_drop(r, hook, weir_drop_reason(found));
}

/* The same for evidence, of one that may be watched. */
static __always_inline void weir_evidence_early(void *ctx, __u32 hook, void *data, void *end,
                                                __u32 ifindex, enum weir_early found)
{
    struct weir_run *r = weir_run_of(hook);
    int outcome;

    if (!r || weir_now_coarse(r) >= *(volatile __u64 *)&weir_watch_until)
        return;
    weir_evidence_reset(r);
    outcome = weir_frame(ctx, hook, r, data, end);
    if (outcome == WEIR_PARSE_ON)
        return;
    r->p.outcome = outcome;
    r->ifindex = ifindex;
    r->kept.drop = (__u8)weir_drop_reason(found);
    weir_evidence(ctx, hook, r, true);
}

/* The packet in a tunnel takes the place of its frame. True: drop it, its source is banned. Bans
 * hold for an address wherever it is a source; asked: one that holds was found outside. */
static __always_inline bool weir_inside(struct weir_run *r, __u32 hook, bool asked)
{
    (void)weir_stage_tunnels(r, hook);
    return hook != WEIR_HOOK_TC_EGRESS && r->p.tunnels && !asked &&
           weir_stage_ban(r, hook) == WEIR_BAN_DROPS;
}

/* From frame to verdict, the early verdict apart. */
static __always_inline enum weir_fate weir_inspect(void *ctx, __u32 hook, struct weir_run *r,
                                                   struct weir_counters *c, void *data, void *end,
                                                   enum weir_early early)
{
    int outcome = weir_frame(ctx, hook, r, data, end), ban = WEIR_BAN_HOLDS_NOT;

    if (outcome == WEIR_PARSE_ON) {
        c->n[WEIR_COUNTER_LOST_WINDOW]++;
        r->kept.passed = 1;
        return WEIR_FATE_PASS;
    }
    c->n[WEIR_COUNTER_BYTES] += r->w.wire;
    r->p.outcome = outcome;
    if (hook != WEIR_HOOK_TC_EGRESS && early == WEIR_EARLY_UNKNOWN) {
        ban = weir_stage_ban(r, hook);
        if (ban == WEIR_BAN_DROPS)
            return WEIR_FATE_DROP;
    }
    if (weir_tunnels_on && WEIR_UNLIKELY(weir_outcome_is_tunnel(outcome))) {
        if (weir_inside(r, hook, early >= WEIR_EARLY_BANNED || ban))
            return WEIR_FATE_DROP;
        outcome = r->p.outcome;
    }
    c->outcome[outcome & (WEIR_OUTCOMES - 1)]++;
    if (hook == WEIR_HOOK_TC_EGRESS && weir_egress_again(r, c))
        return WEIR_FATE_PASS;
    weir_facts(ctx, hook, r, c);
    if (WEIR_UNLIKELY(r->p.traits | r->t.facts | r->f.facts) && weir_judge(r, hook))
        return WEIR_FATE_DROP;
    if (hook == WEIR_HOOK_XDP && weir_cookie_asks(&r->t) && weir_stage_cookie(ctx, r)) {
        r->kept.passed = 1;
        return WEIR_FATE_ANSWERED;
    }
    return WEIR_FATE_PASS;
}

static __always_inline enum weir_fate weir_ingress(void *ctx, __u32 hook, void *data, void *end,
                                                   __u32 ifindex)
{
    struct weir_counters *c = weir_counters_of(hook);
    struct weir_run *r;
    enum weir_early early;
    enum weir_fate fate;

    if (!c)
        return WEIR_FATE_PASS;
    early = weir_ban_early(hook, data, end);
    if (WEIR_UNLIKELY(early >= WEIR_EARLY_BANNED) &&
        weir_ban_act(c, early, weir_policy_of(ifindex, weir_vlan_beside(ctx, hook)))) {
        __u32 bytes = weir_quick_bytes(ctx, hook, data, end);

        c->n[WEIR_COUNTER_BYTES] += bytes;
        weir_port_count(ifindex, hook, bytes, true);
        if (weir_drop_events)
            weir_drop_log_early(ctx, hook, c, data, end, ifindex, early);
        if (weir_evidence_packets)
            weir_evidence_early(ctx, hook, data, end, ifindex, early);
        return WEIR_FATE_DROP;
    }
    r = weir_run_of(hook);
    if (!r)
        return WEIR_FATE_PASS;
    r->ifindex = ifindex;
    r->hello = 0;
    weir_evidence_reset(r);
    fate = weir_inspect(ctx, hook, r, c, data, end, early);
    weir_port_count(ifindex, hook, r->w.wire, fate == WEIR_FATE_DROP);
    if (fate == WEIR_FATE_PASS)
        weir_hello(ctx, hook, r);
    weir_evidence(ctx, hook, r, fate == WEIR_FATE_DROP);
    return fate;
}

SEC("xdp.frags")
int weir_xdp(struct xdp_md *ctx)
{
    switch (weir_ingress(ctx, WEIR_HOOK_XDP, (void *)(long)ctx->data, (void *)(long)ctx->data_end,
                         ctx->ingress_ifindex)) {
    case WEIR_FATE_DROP:
        return XDP_DROP;
    case WEIR_FATE_ANSWERED:
        return XDP_TX;
    default:
        return XDP_PASS;
    }
}

SEC("tc")
int weir_tc_ingress(struct __sk_buff *skb)
{
    enum weir_fate fate = weir_ingress(skb, WEIR_HOOK_TC_INGRESS, (void *)(long)skb->data,
                                       (void *)(long)skb->data_end, skb->ifindex);

    return fate == WEIR_FATE_DROP ? WEIR_TC_DROP : WEIR_TC_NEXT;
}

SEC("tc")
int weir_tc_egress(struct __sk_buff *skb)
{
    const __u32 hook = WEIR_HOOK_TC_EGRESS;
    struct weir_run *r = weir_run_of(hook);
    struct weir_counters *c = weir_counters_of(hook);
    bool drop;

    if (!r || !c)
        return WEIR_TC_NEXT;
    r->ifindex = skb->ifindex;
    r->from = skb->ingress_ifindex;
    r->hello = 0;
    weir_evidence_reset(r);
    drop = weir_inspect(skb, hook, r, c, (void *)(long)skb->data, (void *)(long)skb->data_end,
                        WEIR_EARLY_CLEAR) == WEIR_FATE_DROP;
    weir_port_count(skb->ifindex, hook, r->w.wire, drop);
    if (!drop)
        weir_hello(skb, hook, r);
    weir_evidence(skb, hook, r, drop);
    return drop ? WEIR_TC_DROP : WEIR_TC_NEXT;
}

/* Records of the service table that no packet wakes, on behalf of the loader: so that a state ends,
 * and an incident is told to its end, when nothing comes any more. */
SEC("syscall")
int weir_sweep(struct weir_dest_sweep *ctx)
{
    struct weir_run *r = weir_run_of(WEIR_HOOK_MAX);

    if (!r)
        return 0;
    r->record = ctx->from;
    for (int i = 0; i < WEIR_SWEEP_RECORDS; i++) {
        __u32 at = *(volatile __u32 *)&r->record;
        struct weir_dest_set *set = weir_dest_set_of(at >> 4);

        if (set && set->ways.tag[at & (WEIR_WAYS - 1)])
            (void)weir_stage_settle(r, at, ctx->all);
        *(volatile __u32 *)&r->record = at + 1;
    }
    return 0;
}
