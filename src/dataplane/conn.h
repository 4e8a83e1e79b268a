/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* One TCP packet through the tables of connections. Proven ones are in flows, all else is in half:
 * a flood of forged SYNs, or of segments out of nowhere, turns over that one and never evicts an
 * established flow. A connection moves to flows when both ends were seen to agree. */

#include "dataplane/flow.h"
#include "dataplane/icmp.h"

/* Packets that change no state: their receiver drops them, or does not get all of them. */
#define WEIR_TRAITS_UNTRACKED                                                                      \
    (WEIR_TRAIT_IP_VERSION | WEIR_TRAIT_IP4_LENGTH | WEIR_TRAIT_IP4_CHECKSUM |                     \
     WEIR_TRAIT_IP6_LENGTH | WEIR_TRAIT_FRAGMENT | WEIR_TRAIT_TRUNCATED | WEIR_TRAIT_TUNNEL_PART | \
     WEIR_TRAIT_DST_GROUP | WEIR_TRAIT_SRC_OWN | WEIR_TRAIT_PORT_ZERO | WEIR_TRAIT_TCP_LENGTH |    \
     WEIR_TRAIT_TCP_FLAGS | WEIR_TRAIT_TCP_CHECKSUM | WEIR_TRAIT_OPTION_LENGTH)

WEIR_FN bool weir_conn_tracks(const struct weir_pkt *p)
{
    if (!weir_pkt_is_tcp(p) || p->traits & WEIR_TRAITS_UNTRACKED)
        return false;
    /* Which side a packet of a connection from an end to itself belongs to, nothing tells. */
    return !(p->traits & WEIR_TRAIT_SAME_ADDR && p->sport == p->dport);
}

/* Keep what stood in a record that is about to begin anew; who never was open leaves nothing to
 * report. */
WEIR_FN void weir_conn_keep(struct weir_track *t, struct weir_flow *ended, struct weir_flow *f,
                            enum weir_flow_end why)
{
    if (!weir_flow_is_open(f) || weir_flow_mark(f, WEIR_FLOW_REPORTED) & WEIR_FLOW_REPORTED)
        return;
    *ended = *f;
    t->ended = why;
}

/* A record in half for a packet that has none. */
WEIR_STAGE int weir_conn_open(struct weir_track *t, struct weir_ways *half,
                              const struct weir_pkt *p)
{
    __u32 way, evicted;

    if (!t || !half || !p)
        return WEIR_FLOW_NONE;
    t->moment = weir_stray_moment(p);
    if (t->moment == WEIR_MOMENT_STRAY_RST || t->moment == WEIR_MOMENT_STRAY_FIN)
        return WEIR_FLOW_NONE;
    way = weir_set_claim(half, t->tag,
                         t->moment == WEIR_MOMENT_SYN ? WEIR_CLASS_ANSWERED : WEIR_CLASS_STRAY,
                         t->tick, &evicted);
    if (way >= WEIR_WAYS) {
        t->full = 1;
        return WEIR_FLOW_NONE;
    }
    t->half_evicted = !!evicted;
    weir_set_touch(half, way, t->moment == WEIR_MOMENT_SYN ? WEIR_CLASS_ASKED : WEIR_CLASS_STRAY,
                   t->tick);
    return (int)way;
}

/* Move a proven connection from half to flows; *ended gets who had to go. */
WEIR_STAGE int weir_conn_promote(struct weir_track *t, struct weir_ways *ways,
                                 struct weir_flow_set *set, const struct weir_flow *f,
                                 struct weir_flow *ended)
{
    __u32 way, evicted;

    if (!t || !ways || !set || !f || !ended)
        return WEIR_FLOW_NONE;
    way = weir_set_claim(ways, t->tag, WEIR_CLASS_PROVEN, t->tick, &evicted);
    if (way >= WEIR_WAYS) {
        t->full = 1;
        return WEIR_FLOW_NONE;
    }
    way &= WEIR_WAYS - 1;
    if (evicted)
        weir_conn_keep(t, ended, &set->flow[way], WEIR_END_EVICTED);
    set->flow[way] = *f;
    weir_set_touch(ways, way, weir_flow_class(f), t->tick);
    return (int)way;
}

/* What a host must know of a record to act on it: table and way. */
struct weir_conn {
    struct weir_flow *flow; /* NULL: the packet has none */
    struct weir_ways *ways;
    __u32 way;
    bool proven; /* in flows */
};

/* Where a connection's record is, as a number that outlives the pointers: way, side << 4, table
 * << 5. */
#define WEIR_AT_HALF (2 * WEIR_WAYS)
#define WEIR_AT_NONE (4 * WEIR_WAYS)

/* The set of a packet's hash in one table. */
struct weir_seat {
    struct weir_ways *ways;
    struct weir_flow_set *set;
};

WEIR_FN __u32 weir_conn_find(struct weir_seat flows, struct weir_seat half,
                             const struct weir_pkt *p, __u32 tag)
{
    __u32 at = (__u32)weir_flow_find(flows.ways, flows.set, p, tag);

    if (at < WEIR_FLOW_NONE)
        return at;
    at = (__u32)weir_flow_find(half.ways, half.set, p, tag);
    return at < WEIR_FLOW_NONE ? at + WEIR_AT_HALF : WEIR_AT_NONE;
}

WEIR_FN struct weir_conn weir_conn_at(struct weir_seat flows, struct weir_seat half, __u32 at)
{
    struct weir_conn c = { .way = at & (WEIR_WAYS - 1), .proven = at < WEIR_AT_HALF };

    c.ways = c.proven ? flows.ways : half.ways;
    if (c.proven)
        c.flow = &flows.set->flow[c.way];
    else if (at < WEIR_AT_NONE)
        c.flow = &half.set->flow[c.way];
    return c;
}

/* The same the other way round. */
WEIR_FN __u32 weir_conn_where(const struct weir_track *t, const struct weir_conn *c)
{
    if (!c->flow)
        return WEIR_AT_NONE;
    return c->way | (t->side & 1U) << 4 | (c->proven ? 0 : WEIR_AT_HALF);
}

/* An ICMP error about a segment of side's own: what it quotes was in flight (RFC 5927 4.1: SND.UNA
 * <= SEQ < SND.NXT), or, for a segment that was acknowledged meanwhile, a window before that. A
 * quote of a connection nobody knows proves nothing. */
WEIR_STAGE int weir_conn_quote(struct weir_track *t, const struct weir_ways *ways,
                               const struct weir_flow_set *set, const struct weir_quote *q,
                               __u32 tag)
{
    for (__u32 i = 0; t && ways && set && q && i < WEIR_WAYS; i++) {
        __u32 way = (tag + i) & (WEIR_WAYS - 1);
        const struct weir_flow *f = &set->flow[way];
        const struct weir_flow_side *s, *r;
        bool forward, reverse;

        if (ways->tag[way] != tag)
            continue;
        forward = weir_quote_is(q, f->src, f->dst, f->sport, f->dport);
        reverse = weir_quote_is(q, f->dst, f->src, f->dport, f->sport);
        if (!forward && !reverse)
            continue;
        t->side = reverse;
        s = &f->side[reverse];
        r = &f->side[!reverse];
        if (!weir_flow_is_open(f) || weir_flow_is_loose(f) || !(r->flags & WEIR_SIDE_SEEN))
            return 0;
        if (!weir_between(q->seq, r->ack - r->maxwin, s->end))
            weir_fact(t, WEIR_FACT_ICMP_FORGED, s->end, q->seq);
        return 0;
    }
    return 0;
}

/* The same for one in half: an error about a SYN nobody answered is its outcome. True: it is. */
WEIR_STAGE int weir_conn_quote_half(const struct weir_ways *ways, const struct weir_flow_set *set,
                                    const struct weir_quote *q, __u32 tag)
{
    for (__u32 i = 0; ways && set && q && i < WEIR_WAYS; i++) {
        __u32 way = (tag + i) & (WEIR_WAYS - 1);
        const struct weir_flow *f = &set->flow[way];

        if (ways->tag[way] != tag || !weir_quote_is(q, f->src, f->dst, f->sport, f->dport))
            continue;
        return f->side[0].flags & WEIR_SIDE_SYN && !(f->side[1].flags & WEIR_SIDE_SEEN) &&
               q->seq == f->side[0].isn;
    }
    return 0;
}

/* The record begins with this packet. */
WEIR_FN bool weir_conn_began(const struct weir_track *t, const struct weir_conn *c)
{
    return t->clock & WEIR_CLOCK_START && c->flow;
}

/* flows, half: the sets of the packet's hash; at: weir_conn_find() of them. ended: room for the
 * record of a connection whose place was taken; t->ended says when it is filled. Host fields of t
 * are set, all else is 0. Afterwards the host tells a record that has just begun its zone
 * (weir_flow_zone()), and reads its exact clock if t->clock asks for it and calls
 * weir_flow_clock(). */
WEIR_FN struct weir_conn weir_conn_packet(struct weir_track *t, struct weir_seat flows,
                                          struct weir_seat half, __u32 at, const struct weir_pkt *p,
                                          struct weir_flow *ended)
{
    struct weir_conn c = weir_conn_at(flows, half, at);
    __u32 before, way;

    t->side = at >> 4 & 1;
    t->known = c.flow != NULL;
    t->was_proven = c.flow && c.proven;
    if (!c.flow) {
        way = (__u32)weir_conn_open(t, half.ways, p);
        if (way >= WEIR_WAYS)
            return c;
        c.way = way & (WEIR_WAYS - 1);
        c.flow = &half.set->flow[c.way];
        (void)weir_flow_begin(t, c.flow, p);
        return c;
    }
    before = c.flow->side[t->side & 1].last_tick;
    if (weir_flow_track(t, c.flow, p) == WEIR_AFTER_RESTART) {
        weir_conn_keep(t, ended, c.flow, WEIR_END_REUSED);
        t->moment = weir_stray_moment(p);
        (void)weir_flow_begin(t, c.flow, p);
        weir_set_touch(c.ways, c.way,
                       t->moment == WEIR_MOMENT_SYN ? WEIR_CLASS_ASKED : WEIR_CLASS_STRAY, t->tick);
        return c;
    }
    if (t->moment == WEIR_MOMENT_RESET || t->moment == WEIR_MOMENT_CLOSED)
        t->bare = weir_flow_is_open(c.flow) && !weir_flow_is_loose(c.flow) &&
                  !(c.flow->side[0].bytes | c.flow->side[1].bytes);
    if (!c.proven && weir_flow_is_open(c.flow) && !weir_flow_is_over(c.flow)) {
        way = (__u32)weir_conn_promote(t, flows.ways, flows.set, c.flow, ended);
        if (way < WEIR_WAYS) {
            c.ways->tag[c.way] = 0;
            c.way = way & (WEIR_WAYS - 1);
            c.ways = flows.ways;
            c.flow = &flows.set->flow[c.way];
            c.proven = true;
            t->opened = 1;
        }
        return c;
    }
    /* Behind another of the same ends, in its place. */
    if (WEIR_UNLIKELY(t->moment == WEIR_MOMENT_DONE || t->moment == WEIR_MOMENT_ADOPTED))
        t->opened = c.proven && weir_flow_is_open(c.flow);
    /* Once a second is enough for an age that decides who goes first; a FIN changes the class. */
    if (t->moment != WEIR_MOMENT_NONE || p->tcp_flags & WEIR_FIN || before >> 10 != t->tick >> 10)
        weir_set_touch(c.ways, c.way, weir_flow_class(c.flow), t->tick);
    return c;
}
