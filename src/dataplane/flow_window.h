/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Sequence numbers, acknowledgements and windows of one segment against what both sides said
 * before: nf_conntrack_proto_tcp.c, tcp_in_window(), in the form that writes only the sender's
 * half. s is the sender's side, r the receiver's. */

#include "dataplane/track.h"

#define WEIR_ACK_WINDOW_MIN 66000 /* MAXACKWINCONST of nf_conntrack_proto_tcp.c */
#define WEIR_SCALE_UNKNOWN 14 /* the largest (RFC 7323 2.3), for connections without their SYNs */
#define WEIR_PAWS_WINDOW 1    /* TCP_PAWS_WINDOW of include/net/tcp.h */
/* TCP_PAWS_WRAP of Linux 6.12: INT_MAX / 10^6 seconds, for microsecond timestamps. */
#define WEIR_PAWS_IDLE WEIR_TICKS(2147)
/* How far behind a timestamp must be before data is called replayed or strange: a second of the
 * 1 kHz clock that nearly all stacks use. Duplicates that the network made are younger. */
#define WEIR_REPLAY_LAG 1000

WEIR_FN __u32 weir_side_scale(const struct weir_flow_side *s, const struct weir_flow_side *r)
{
    if ((s->flags | r->flags) & WEIR_SIDE_LOOSE)
        return WEIR_SCALE_UNKNOWN;
    return s->flags & r->flags & WEIR_SIDE_WSCALE ? s->wscale & WEIR_WSCALE_MASK : 0;
}

/* The numbers of a segment. Without ACK, or with the zero of a broken RST, its acknowledgement is
 * taken for the best there is. */
WEIR_FN void weir_segment_read(struct weir_track *t, const struct weir_flow_side *s,
                               const struct weir_flow_side *r, const struct weir_pkt *p)
{
    struct weir_segment *g = &t->s;

    g->end = p->seq + p->payload_bytes + !!(p->tcp_flags & WEIR_SYN) + !!(p->tcp_flags & WEIR_FIN);
    g->ack = g->sack = p->ack;
    if (!(p->tcp_flags & WEIR_ACK) || (p->tcp_flags & WEIR_RST && !p->ack))
        g->ack = g->sack = r->flags & WEIR_SIDE_SEEN ? r->end : p->ack;
    else if (p->sack_off && r->flags & WEIR_SIDE_SACK && weir_between(p->sack_high, p->ack, r->end))
        g->sack =
            p->sack_high; /* else it is no block of data that was sent: tcp_is_sackblock_valid() */
    g->win = p->window;
    if (!(p->tcp_flags & WEIR_SYN))
        g->win <<= weir_side_scale(s, r);
}

/* Its first acknowledgement: what stood there before is of a SYN, which acknowledges nothing, and
 * must not be compared with it. */
WEIR_FN void weir_side_acknowledge(struct weir_flow_side *s, const struct weir_segment *g)
{
    s->ack = g->ack;
    s->edge = g->sack + (g->win ? g->win : 1);
    s->flags |= WEIR_SIDE_ACKED;
}

/* enum weir_side_sent of a packet: PSH moves up beside the others. */
WEIR_FN __u8 weir_segment_sent(const struct weir_pkt *p)
{
    return (p->tcp_flags & (WEIR_URG | WEIR_ECE | WEIR_CWR)) | (p->tcp_flags & WEIR_PSH) << 1;
}
_Static_assert((WEIR_URG | WEIR_ECE | WEIR_CWR) ==
                       (WEIR_SENT_URG | WEIR_SENT_ECE | WEIR_SENT_CWR) &&
                   WEIR_PSH << 1 == WEIR_SENT_PSH,
               "flags of a side");

/* First packet of a side. */
WEIR_FN void weir_side_begin(struct weir_flow_side *s, const struct weir_segment *g,
                             const struct weir_pkt *p, __u32 tick)
{
    s->end = g->end;
    s->ack = g->ack;
    s->maxwin = g->win ? g->win : 1;
    s->edge = g->sack + s->maxwin;
    s->bonus = 0;
    s->isn = p->seq;
    s->close = 0;
    s->tsval = p->tsval;
    s->mark = s->mark_fine = s->done_fine = 0;
    s->last_tick = tick;
    s->packets = 1;
    s->wscale = weir_segment_sent(p);
    s->ttl = p->ttl;
    s->bytes = p->payload_bytes;
    s->flags = WEIR_SIDE_SEEN | (p->tcp_flags & WEIR_ACK ? WEIR_SIDE_ACKED : 0);
    if (p->options & WEIR_OPTION_TIMESTAMPS)
        s->flags |= WEIR_SIDE_TIMESTAMPS;
    if (p->options & (WEIR_OPTION_MD5 | WEIR_OPTION_AO))
        s->flags |= WEIR_SIDE_KEYED;
}

/* What the options of a SYN or SYN-ACK settle; its window is never scaled. */
WEIR_FN void weir_side_begin_syn(struct weir_flow_side *s, const struct weir_segment *g,
                                 const struct weir_pkt *p, __u32 tick)
{
    weir_side_begin(s, g, p, tick);
    s->flags |= WEIR_SIDE_SYN;
    if (p->options & WEIR_OPTION_SACK_OK)
        s->flags |= WEIR_SIDE_SACK;
    if (p->options & WEIR_OPTION_FASTOPEN)
        s->flags |= WEIR_SIDE_FASTOPEN;
    if (p->options & WEIR_OPTION_WSCALE) {
        s->flags |= WEIR_SIDE_WSCALE;
        s->wscale |= p->wscale < WEIR_SCALE_UNKNOWN ? p->wscale : WEIR_SCALE_UNKNOWN;
    }
}

/* First packet of a side of which no SYN was seen. */
WEIR_FN void weir_side_begin_loose(struct weir_flow_side *s, const struct weir_segment *g,
                                   const struct weir_pkt *p, __u32 tick)
{
    weir_side_begin(s, g, p, tick);
    s->flags |= WEIR_SIDE_LOOSE | WEIR_SIDE_SACK;
}

/* Bytes that the receiver may still be told of: the window it gave, and what was tolerated beyond.
 */
WEIR_FN __u32 weir_receiver_window(const struct weir_flow_side *s, const struct weir_flow_side *r)
{
    return r->flags & WEIR_SIDE_SEEN ? r->maxwin + s->bonus : 0;
}

/* All data of the segment was acknowledged before. */
WEIR_FN bool weir_segment_is_acked(const struct weir_segment *g, const struct weir_flow_side *r)
{
    return r->flags & WEIR_SIDE_ACKED && !weir_after(g->end, r->ack);
}

/* In force only when both sides' first segments carried them (RFC 7323 3.2). */
WEIR_FN bool weir_has_timestamps(const struct weir_flow_side *s, const struct weir_flow_side *r,
                                 const struct weir_pkt *p)
{
    return s->flags & r->flags & WEIR_SIDE_TIMESTAMPS && p->options & WEIR_OPTION_TIMESTAMPS;
}

/* How many ticks of the sender's clock the segment is behind TS.Recent; 0 when it is not. */
WEIR_FN __u32 weir_timestamp_lag(const struct weir_flow_side *s, const struct weir_flow_side *r,
                                 const struct weir_pkt *p)
{
    __s32 lag = (__s32)(s->tsval - p->tsval);

    return weir_has_timestamps(s, r, p) && s->tsval && lag > 0 ? (__u32)lag : 0;
}

/* What the other side sent, as far as it was seen or its acknowledgement was taken. */
WEIR_FN __u32 weir_ack_most(const struct weir_flow_side *s, const struct weir_flow_side *r)
{
    return s->flags & WEIR_SIDE_ACKED ? weir_later(r->end, s->ack) : r->end;
}

/* What a capture missed of both directions shows in one segment: it is ahead of all data that was
 * seen, and so is what it acknowledges. */
WEIR_FN bool weir_ack_is_gap(const struct weir_track *t, const struct weir_flow_side *s,
                             const struct weir_flow_side *r)
{
    __u32 most = weir_ack_most(s, r);

    return t->gaps && weir_after(t->s.sack, most) && t->s.sack - most <= s->maxwin;
}

/* Inequalities III and IV hold: an acknowledgement that only a participant knows. */
WEIR_FN bool weir_ack_is_plausible(const struct weir_segment *g, const struct weir_flow_side *s,
                                   const struct weir_flow_side *r)
{
    __u32 least = s->maxwin > WEIR_ACK_WINDOW_MIN ? s->maxwin : WEIR_ACK_WINDOW_MIN;

    return !weir_after(g->sack, r->end) && weir_after(g->sack, r->end - least - 1);
}

WEIR_FN void weir_window_judge_data(struct weir_track *t, const struct weir_flow_side *s,
                                    const struct weir_flow_side *r, const struct weir_pkt *p)
{
    const struct weir_segment *g = &t->s;
    __u32 rwin = weir_receiver_window(s, r), overshot = g->end - r->edge + 1;
    bool under = rwin && !weir_after(g->end, s->end - rwin - 1);

    if (r->flags & WEIR_SIDE_ACKED && weir_after(p->seq, r->edge)) {
        bool overrun = rwin && !under && overshot <= rwin && weir_ack_is_plausible(g, s, r);

        weir_fact(t, overrun || weir_ack_is_gap(t, s, r) ? WEIR_FACT_OVERRUN : WEIR_FACT_SEQ_OVER,
                  r->edge, p->seq);
        return;
    }
    if (under)
        weir_fact(t,
                  p->payload_bytes > 1 && (!weir_has_timestamps(s, r, p) ||
                                           weir_timestamp_lag(s, r, p) > WEIR_REPLAY_LAG)
                      ? WEIR_FACT_SEQ_UNDER | WEIR_FACT_REPLAYED
                      : WEIR_FACT_SEQ_UNDER,
                  s->end - rwin, g->end);
}

/* RFC 5961 5.2 and 9293 3.10.7.4 accept acknowledgements from SND.UNA - MAX.SND.WND to SND.NXT. */
WEIR_FN void weir_window_judge_ack(struct weir_track *t, const struct weir_flow_side *s,
                                   const struct weir_flow_side *r)
{
    const struct weir_segment *g = &t->s;
    __u32 most = weir_ack_most(s, r),
          least = s->maxwin > WEIR_ACK_WINDOW_MIN ? s->maxwin : WEIR_ACK_WINDOW_MIN;

    if (!(r->flags & WEIR_SIDE_SEEN))
        return;
    if (weir_after(g->sack, most)) {
        if (weir_ack_is_gap(t, s, r))
            weir_fact(t, WEIR_FACT_ACK_GAP, most, g->sack);
        else
            weir_fact(t, r->flags & WEIR_SIDE_FIN ? WEIR_FACT_ACK_AFTER_FIN : WEIR_FACT_ACK_OVER,
                      most, g->sack);
    } else if (!weir_after(g->sack, r->end - least - 1)) {
        weir_fact(t, WEIR_FACT_ACK_UNDER, r->end - least, g->sack);
    }
}

/* PAWS (RFC 7323 5.3), with the exemptions of tcp_disordered_ack() and tcp_paws_discard() in
 * tcp_input.c: RST, an acknowledgement without data, a connection idle for long. */
WEIR_FN void weir_window_judge_age(struct weir_track *t, const struct weir_flow_side *s,
                                   const struct weir_flow_side *r, const struct weir_pkt *p)
{
    __u32 lag = weir_timestamp_lag(s, r, p);

    if (lag <= WEIR_PAWS_WINDOW || !(p->payload_bytes || p->tcp_flags & (WEIR_SYN | WEIR_FIN)) ||
        t->tick - s->last_tick > WEIR_PAWS_IDLE)
        return;
    if (!weir_segment_is_acked(&t->s, r))
        weir_fact(t, WEIR_FACT_PAWS, s->tsval, p->tsval);
    else if (lag > WEIR_REPLAY_LAG && p->payload_bytes > 1)
        weir_fact(t, WEIR_FACT_REPLAYED, s->tsval, p->tsval);
}

/* Refused for its age. What is less than a second old is no more than what the network delayed or
 * two processors took in another order, new data or a copy alike: not a strike. */
WEIR_FN bool weir_paws_is_strange(const struct weir_track *t, const struct weir_flow_side *s,
                                  const struct weir_flow_side *r, const struct weir_pkt *p)
{
    return t->facts & WEIR_FACT_PAWS && weir_timestamp_lag(s, r, p) > WEIR_REPLAY_LAG;
}

WEIR_FN void weir_flow_strikes(struct weir_track *t, const struct weir_flow_side *s,
                               const struct weir_flow_side *r, struct weir_flow_perf *perf,
                               const struct weir_pkt *p)
{
    if (weir_paws_is_strange(t, s, r, p))
        (void)weir_strike(t, perf, WEIR_STRIKE_PAWS, WEIR_STRIKE_WINDOW);
    if (t->facts & WEIR_FACT_REPLAYED)
        (void)weir_strike(t, perf, WEIR_STRIKE_REPLAYED, WEIR_STRIKE_WINDOW);
}

/* Counted only: what the window itself does. */
WEIR_FN void weir_window_judge_size(struct weir_track *t, const struct weir_flow_side *s,
                                    const struct weir_flow_side *r, const struct weir_pkt *p)
{
    const struct weir_segment *g = &t->s;
    __u32 unit = 1U << weir_side_scale(s, r);

    if (WEIR_UNLIKELY(t->window_max && g->win > t->window_max))
        weir_fact(t, WEIR_FACT_WINDOW_LARGE, t->window_max, g->win);
    if (WEIR_UNLIKELY(g->ack == s->ack && !p->sack_off &&
                      weir_before(g->ack + g->win + unit, s->edge) &&
                      s->edge - g->ack <= s->maxwin))
        weir_fact(t, WEIR_FACT_WINDOW_SHRUNK, s->edge, g->ack + g->win);
    if (WEIR_UNLIKELY(!(p->options & WEIR_OPTION_TIMESTAMPS) &&
                      s->flags & r->flags & WEIR_SIDE_TIMESTAMPS && p->outcome == WEIR_OUTCOME_TCP))
        weir_fact(t, WEIR_FACT_TIMESTAMP_LOST, s->tsval, 0);
}

WEIR_FN void weir_window_judge(struct weir_track *t, const struct weir_flow_side *s,
                               const struct weir_flow_side *r, const struct weir_pkt *p)
{
    weir_window_judge_data(t, s, r, p);
    weir_window_judge_ack(t, s, r);
    weir_window_judge_age(t, s, r, p);
    weir_window_judge_size(t, s, r, p);
}

/* TS.Recent moves with segments at or before the left edge of the window (RFC 7323 4.3). */
WEIR_FN void weir_window_take_timestamp(struct weir_flow_side *s, const struct weir_flow_side *r,
                                        const struct weir_pkt *p)
{
    if (!(p->options & WEIR_OPTION_TIMESTAMPS) || (s->tsval && !weir_after(p->tsval, s->tsval)))
        return;
    if (r->flags & WEIR_SIDE_ACKED && weir_after(p->seq, r->ack))
        return;
    s->tsval = p->tsval;
}

/* Take an accepted segment into the sender's side. */
WEIR_FN void weir_window_take(struct weir_track *t, struct weir_flow_side *s,
                              const struct weir_flow_side *r, const struct weir_pkt *p)
{
    const struct weir_segment *g = &t->s;
    __u32 win = g->win + (g->sack - g->ack), edge = g->sack + (g->win ? g->win : 1);

    if (win > s->maxwin)
        s->maxwin = win;
    if (r->flags & WEIR_SIDE_ACKED && weir_after(g->end, r->edge) && weir_after(g->end, s->end))
        s->bonus += g->end - weir_later(r->edge, s->end);
    weir_advance(&s->end, g->end);
    if (WEIR_UNLIKELY(!(s->flags & WEIR_SIDE_ACKED))) {
        if (p->tcp_flags & WEIR_ACK)
            weir_side_acknowledge(s, g);
    } else {
        if (p->tcp_flags & WEIR_ACK)
            weir_advance(&s->ack, g->ack);
        weir_advance(&s->edge, edge);
    }
    weir_window_take_timestamp(s, r, p);
    s->last_tick = t->tick;
    s->packets++;
    s->bytes += p->payload_bytes;
    s->wscale |= weir_segment_sent(p);
    if (p->payload_bytes)
        s->flags |= WEIR_SIDE_DATA;
}
