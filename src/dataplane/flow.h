/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A connection's record: finding it, beginning it, and what it is worth. */

#include "dataplane/flow_close.h"
#include "dataplane/flow_handshake.h"
#include "dataplane/flow_perf.h"
#include "dataplane/hash.h"
#include "dataplane/report.h"
#include "dataplane/set.h"

#define WEIR_FLOW_NONE (2 * WEIR_WAYS)
#define WEIR_ASYMMETRIC_PACKETS 16

/* 0 when a and b are the same address. */
WEIR_FN __u64 weir_addr_differs(const __u8 a[16], const __u8 b[16])
{
    __u64 x[2], y[2];

    __builtin_memcpy(x, a, sizeof(x));
    __builtin_memcpy(y, b, sizeof(y));
    return (x[0] ^ y[0]) | (x[1] ^ y[1]);
}

/* Without a branch for each field: sixteen turns of the loop below would multiply them for the
 * verifier. */
WEIR_FN bool weir_flow_is(const struct weir_flow *f, const struct weir_pkt *p)
{
    return !(weir_addr_differs(f->src, p->src) | weir_addr_differs(f->dst, p->dst) |
             (__u64)(f->sport ^ p->sport) | (__u64)(f->dport ^ p->dport));
}

WEIR_FN bool weir_flow_is_reverse(const struct weir_flow *f, const struct weir_pkt *p)
{
    return !(weir_addr_differs(f->dst, p->src) | weir_addr_differs(f->src, p->dst) |
             (__u64)(f->dport ^ p->sport) | (__u64)(f->sport ^ p->dport));
}

/* The way of the packet's connection, plus WEIR_WAYS when its sender is side 1; WEIR_FLOW_NONE. */
WEIR_STAGE int weir_flow_find(const struct weir_ways *ways, const struct weir_flow_set *set,
                              const struct weir_pkt *p, __u32 tag)
{
    if (!ways || !set || !p)
        return WEIR_FLOW_NONE;
    for (__u32 i = 0; i < WEIR_WAYS; i++) {
        __u32 way = (tag + i) & (WEIR_WAYS - 1);

        if (WEIR_LIKELY(ways->tag[way] != tag))
            continue;
        if (weir_flow_is(&set->flow[way], p))
            return (int)way;
        if (weir_flow_is_reverse(&set->flow[way], p))
            return (int)(way + WEIR_WAYS);
    }
    return WEIR_FLOW_NONE;
}

WEIR_FN enum weir_class weir_flow_class(const struct weir_flow *f)
{
    if (weir_flow_is_over(f))
        return WEIR_CLASS_DONE;
    if (weir_flow_is_open(f))
        return weir_flow_is_closing(f) ? WEIR_CLASS_CLOSING : WEIR_CLASS_PROVEN;
    if (!(f->side[WEIR_SIDE_CLIENT].flags & WEIR_SIDE_SYN))
        return WEIR_CLASS_STRAY;
    return f->side[WEIR_SIDE_SERVER].flags & WEIR_SIDE_SEEN ? WEIR_CLASS_ANSWERED
                                                            : WEIR_CLASS_ASKED;
}

WEIR_FN void weir_flow_key(struct weir_flow *f, const struct weir_pkt *p, bool reverse)
{
    __builtin_memcpy(f->src, reverse ? p->dst : p->src, sizeof(f->src));
    __builtin_memcpy(f->dst, reverse ? p->src : p->dst, sizeof(f->dst));
    f->sport = reverse ? p->dport : p->sport;
    f->dport = reverse ? p->sport : p->dport;
}

/* Begin f with packet p, whose moment is set. Fields of a side that was not seen stay void. */
WEIR_STAGE int weir_flow_begin(struct weir_track *t, struct weir_flow *f, const struct weir_pkt *p)
{
    bool reverse;
    struct weir_flow_side *s;

    if (!t || !f || !p)
        return 0;
    reverse = weir_pkt_to_client(p);
    t->side = reverse;
    weir_flow_key(f, p, reverse);
    f->ifindex = t->ifindex;
    *(volatile __u64 *)&f->start_ns = 0; /* before the marks: see analytics/flow_sweep.h */
    f->synack_fine = f->ack_fine = 0;
    f->origin = t->moment == WEIR_MOMENT_SYN            ? WEIR_ORIGIN_SYN
                : t->moment == WEIR_MOMENT_STRAY_SYNACK ? WEIR_ORIGIN_SYNACK
                                                        : WEIR_ORIGIN_MIDSTREAM;
    *(volatile __u8 *)&f->marks = t->egress == reverse ? WEIR_FLOW_LOCAL_SERVER : 0;
    f->zone = 0;
    f->again = 0;
    f->link[0] = f->link[1] = 0;
    f->side[0].flags = f->side[1].flags = 0;
    s = &f->side[reverse];
    weir_segment_read(t, s, &f->side[!reverse], p);
    if (p->tcp_flags & WEIR_SYN)
        weir_side_begin_syn(s, &t->s, p, t->tick);
    else
        weir_side_begin_loose(s, &t->s, p, t->tick);
    if (t->moment == WEIR_MOMENT_STRAY_SYNACK)
        s->flags |= WEIR_SIDE_LOOSE;
    f->link[reverse] = (__u16)p->link_hash;
    s->bonus = p->mss | (__u32)p->vlan[0] << 16;
    t->clock = WEIR_CLOCK_START | (p->tcp_flags & WEIR_SYN ? WEIR_CLOCK_SYN : 0);
    return 0;
}

/* The zone of a record that has just begun. */
WEIR_FN void weir_flow_zone(struct weir_flow *f, __u32 zone, bool liberal)
{
    f->zone = (__u8)zone;
    if (liberal)
        (void)weir_flow_mark(f, WEIR_FLOW_LIBERAL);
}

/* A segment of a connection whose sender was not seen before. */
WEIR_FN void weir_flow_join(struct weir_track *t, struct weir_flow_side *s,
                            const struct weir_pkt *p)
{
    weir_side_begin_loose(s, &t->s, p, t->tick);
    weir_fact(t, WEIR_FACT_MIDSTREAM, 0, 0);
    t->moment = WEIR_MOMENT_ADOPTED;
}

WEIR_FN void weir_flow_link(struct weir_track *t, struct weir_flow *f, const struct weir_pkt *p)
{
    __u16 hash = (__u16)p->link_hash;

    if (WEIR_LIKELY(f->link[t->side & 1] == hash))
        return;
    if (f->link[t->side & 1] && hash)
        weir_fact(t, WEIR_FACT_LINK_CHANGED, 0, 0);
    f->link[t->side & 1] = hash;
}

/* Does it follow from what its sender sent before, as in a connection of which only one direction
 * is seen? */
#define WEIR_ACK_STEP (1U << 24)

WEIR_FN bool weir_segment_follows(const struct weir_flow_side *s, const struct weir_pkt *p)
{
    if (p->seq == s->end && (p->payload_bytes || p->tcp_flags & WEIR_FIN))
        return true;
    return s->flags & WEIR_SIDE_ACKED && p->ack - s->ack - 1 < WEIR_ACK_STEP;
}

/* Nobody is there to take it: the other side was never seen, and the segment follows from nothing;
 * or the connection was reset for longer than its last segments can be on their way. */
WEIR_FN bool weir_segment_is_stray(const struct weir_track *t, const struct weir_flow *f,
                                   const struct weir_flow_side *s, const struct weir_flow_side *r,
                                   bool over, bool follows)
{
    if (WEIR_LIKELY(r->flags & WEIR_SIDE_SEEN && !over))
        return false;
    if (t->moment != WEIR_MOMENT_NONE || follows)
        return false;
    if (!(r->flags & WEIR_SIDE_SEEN))
        return true;
    return weir_flow_is_reset(f) && t->tick - r->last_tick > WEIR_LINGER && s->packets;
}

/* Any segment that is neither SYN nor RST. */
WEIR_FN enum weir_after weir_flow_segment(struct weir_track *t, struct weir_flow *f,
                                          struct weir_flow_side *s, struct weir_flow_side *r,
                                          struct weir_flow_perf *perf, const struct weir_pkt *p)
{
    bool over = weir_flow_is_over(f), open = weir_flow_is_open(f), follows;

    if (!open && !weir_flow_is_loose(f)) {
        if (!weir_flow_handshake(t, s, r, p)) {
            weir_flow_strikes(t, s, r, perf, p);
            return WEIR_AFTER_NOTHING;
        }
    } else if (!(s->flags & WEIR_SIDE_SEEN)) {
        weir_flow_join(t, s, p);
        return WEIR_AFTER_NOTHING;
    } else if (WEIR_UNLIKELY(weir_flow_agrees_again(s, r, p))) {
        return WEIR_AFTER_RESTART;
    } else if (weir_flow_is_judged(f)) {
        weir_window_judge(t, s, r, p);
        weir_close_judge_rst(t, s, p);
        weir_close_judge_fin(t, s, r, p);
    }
    if (WEIR_UNLIKELY(t->facts & WEIR_FACTS_REFUSED & ~WEIR_FACT_DATA_AFTER_RST)) {
        weir_flow_strikes(t, s, r, perf, p);
        return WEIR_AFTER_NOTHING;
    }
    weir_rtt_ask(t, s, r, p, t->fine);
    weir_perf_segment(t, f, s, r, perf, p);
    follows = weir_segment_follows(s, p);
    weir_window_take(t, s, r, p);
    weir_close_take(t, f, s, p, over);
    if (WEIR_UNLIKELY(weir_segment_is_stray(t, f, s, r, over, follows)))
        t->moment = WEIR_MOMENT_UNANSWERED;
    if (WEIR_UNLIKELY(s->packets == WEIR_ASYMMETRIC_PACKETS && !(r->flags & WEIR_SIDE_SEEN)))
        weir_fact(t, WEIR_FACT_ASYMMETRIC, s->packets, 0);
    return WEIR_AFTER_NOTHING;
}

/* Packet p of side t->side into the record of its connection. Returns enum weir_after. */
WEIR_STAGE int weir_flow_track(struct weir_track *t, struct weir_flow *f, const struct weir_pkt *p)
{
    struct weir_flow_side *s, *r;
    struct weir_flow_perf *perf;

    if (!t || !f || !p)
        return WEIR_AFTER_NOTHING;
    s = &f->side[t->side & 1];
    r = &f->side[!(t->side & 1)];
    perf = &f->perf[t->side & 1];
    weir_flow_perf(f);
    weir_segment_read(t, s, r, p);
    weir_flow_link(t, f, p);
    if (WEIR_UNLIKELY(p->tcp_flags & WEIR_RST)) {
        weir_flow_rst(t, f, s, r, perf, p);
    } else if (WEIR_UNLIKELY(p->tcp_flags & WEIR_SYN)) {
        if (!(p->tcp_flags & WEIR_ACK))
            return weir_flow_syn(t, f, s, r, perf, p);
        weir_flow_synack(t, f, s, r, p);
        weir_flow_strikes(t, s, r, perf, p);
    } else {
        return weir_flow_segment(t, f, s, r, perf, p);
    }
    return WEIR_AFTER_NOTHING;
}
