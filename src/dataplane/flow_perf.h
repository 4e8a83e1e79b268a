/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* How well a connection does: what one segment adds to struct weir_flow_perf. All is told from the
 * numbers of the segment against those before it; the second cache line of a side is touched only
 * when something other than plain progress happens. */

#include "dataplane/flow_window.h"

/* A segment behind the newest is a reordered one, not a retransmission, when it comes so soon that
 * no sender can have missed the acknowledgement, and does not end where the newest ended, for then
 * it fills no hole (Wireshark, tcp_analyze_sequence_number(): 3 ms). */
#define WEIR_REORDER_TICKS 3
#define WEIR_RTT_EVERY                                                                             \
    8192 /* fine: measure at most so often, because each costs two readings of the clock */
#define WEIR_RTT_LOST (60U << 20) /* fine: a measurement that nobody ended */
#define WEIR_STORM_RUN 64         /* acknowledgements in a row, without progress of either side */
#define WEIR_TTL_JUMP 5           /* hops; paths that change their routers move by 1 or 2 */

/* Seq one less than the next, at most one byte: RFC 9293 3.8.4; or the probe of a closed window. */
WEIR_FN bool weir_segment_is_probe(const struct weir_flow_side *s, const struct weir_pkt *p)
{
    return p->payload_bytes <= 1 && p->seq == s->end - 1 && !(p->tcp_flags & (WEIR_SYN | WEIR_FIN));
}

/* Data that does not begin where the sender's last ended. */
WEIR_FN void weir_perf_behind(struct weir_track *t, struct weir_flow_side *s,
                              const struct weir_flow_side *r, struct weir_flow_perf *perf,
                              const struct weir_pkt *p)
{
    bool acked = weir_segment_is_acked(&t->s, r);

    if (weir_segment_is_probe(s, p))
        return;
    if (!acked && t->s.end != s->end && t->tick - s->last_tick <= WEIR_REORDER_TICKS &&
        !t->egress) {
        perf->reordered++;
        return;
    }
    perf->retransmitted++;
    t->retransmitted = perf->retransmitted;
    weir_fact(t,
              acked && p->payload_bytes > 1 ? WEIR_FACT_RETRANSMITTED | WEIR_FACT_OLD_DATA
                                            : WEIR_FACT_RETRANSMITTED,
              acked ? r->ack : s->end, p->seq);
    if (weir_after(t->s.end, s->end)) {
        (void)weir_strike(t, perf, WEIR_STRIKE_OVERLAP, WEIR_TICKS(60));
        weir_fact(t, WEIR_FACT_OVERLAPS, s->end, p->seq);
    }
    /* Karn's rule (RFC 6298 3): what was sent twice measures nothing. */
    if (s->flags & WEIR_SIDE_MARK && weir_before(p->seq, s->mark) &&
        !weir_before(t->s.end, s->mark))
        s->flags &= ~WEIR_SIDE_MARK;
}

/* An acknowledgement that says what the one before it said. */
WEIR_FN void weir_perf_ack_again(struct weir_track *t, const struct weir_flow *f,
                                 struct weir_flow_side *s, const struct weir_flow_side *r,
                                 struct weir_flow_perf *perf)
{
    perf->duplicate_acks++;
    if (!(s->flags & WEIR_SIDE_ACK_RUN))
        perf->ack_run = 0;
    s->flags |= WEIR_SIDE_ACK_RUN;
    if (perf->ack_run < 0xffff)
        perf->ack_run++;
    if (perf->ack_run >= WEIR_STORM_RUN && r->flags & WEIR_SIDE_ACK_RUN &&
        f->perf[!t->side].ack_run >= WEIR_STORM_RUN)
        weir_fact(t, WEIR_FACT_ACK_STORM, WEIR_STORM_RUN, perf->ack_run);
}

WEIR_FN void weir_perf_zero_window(struct weir_track *t, struct weir_flow_side *s,
                                   struct weir_flow_perf *perf, const struct weir_pkt *p)
{
    bool zero = !p->window && !(p->tcp_flags & (WEIR_RST | WEIR_FIN));

    if (zero == !!(s->flags & WEIR_SIDE_ZERO_WINDOW))
        return;
    s->flags ^= WEIR_SIDE_ZERO_WINDOW;
    if (zero) {
        perf->zero_since = t->tick;
        if (perf->zero_windows < 0xffff)
            perf->zero_windows++;
    } else {
        perf->zero_ticks += t->tick - perf->zero_since;
    }
}

/* Before weir_window_take(): s says what was sent before this segment. */
WEIR_FN void weir_perf_segment(struct weir_track *t, const struct weir_flow *f,
                               struct weir_flow_side *s, const struct weir_flow_side *r,
                               struct weir_flow_perf *perf, const struct weir_pkt *p)
{
    if (p->payload_bytes && WEIR_UNLIKELY(weir_before(p->seq, s->end)))
        weir_perf_behind(t, s, r, perf, p);
    if (!p->payload_bytes && t->s.ack == s->ack && t->s.end == s->end &&
        t->s.sack + t->s.win == s->edge)
        weir_perf_ack_again(t, f, s, r, perf);
    else
        s->flags &= ~WEIR_SIDE_ACK_RUN;
    weir_perf_zero_window(t, s, perf, p);
    if (WEIR_UNLIKELY((__u8)(p->ttl - s->ttl + WEIR_TTL_JUMP - 1) > 2 * (WEIR_TTL_JUMP - 1)) &&
        (p->payload_bytes || p->tcp_flags & WEIR_RST))
        weir_fact(t, WEIR_FACT_TTL_JUMP, s->ttl, p->ttl);
}

/* Is a round trip to be measured from, or ended by, this accepted segment? */
WEIR_FN void weir_rtt_ask(struct weir_track *t, const struct weir_flow_side *s,
                          const struct weir_flow_side *r, const struct weir_pkt *p, __u32 fine)
{
    if (r->flags & WEIR_SIDE_MARK && r->mark_fine != s->done_fine && p->tcp_flags & WEIR_ACK &&
        !weir_before(p->ack, r->mark))
        t->clock |= WEIR_CLOCK_SAMPLE;
    if (!p->payload_bytes || weir_before(p->seq, s->end))
        return;
    if (fine - s->mark_fine < WEIR_RTT_EVERY && s->mark_fine)
        return;
    if (s->flags & WEIR_SIDE_MARK && r->done_fine != s->mark_fine &&
        fine - s->mark_fine < WEIR_RTT_LOST)
        return;
    t->clock |= WEIR_CLOCK_MARK;
}

WEIR_FN void weir_rtt_sample(struct weir_flow_perf *perf, __u32 rtt)
{
    if (!perf->rtt_samples || rtt < perf->rtt_min)
        perf->rtt_min = rtt;
    if (perf->rtt_samples)
        perf->srtt += (__u32)((__s32)(rtt - perf->srtt) >> 3);
    else
        perf->srtt = rtt;
    perf->rtt_samples++;
}

/* The exact time, when t->clock asked for it. */
WEIR_FN void weir_flow_clock(const struct weir_track *t, struct weir_flow *f,
                             const struct weir_pkt *p, __u64 now_ns)
{
    struct weir_flow_side *s = &f->side[t->side & 1], *r = &f->side[!t->side];
    __u32 fine = (__u32)(now_ns >> WEIR_FINE_SHIFT) | 1; /* 0 is none */

    if (t->clock & WEIR_CLOCK_START)
        f->start_ns = now_ns;
    if (t->clock & WEIR_CLOCK_SYNACK && r->mark_fine)
        f->synack_fine = fine - r->mark_fine ? fine - r->mark_fine : 1;
    if (t->clock & WEIR_CLOCK_DONE && r->mark_fine)
        f->ack_fine = fine - r->mark_fine ? fine - r->mark_fine : 1;
    if (t->clock & WEIR_CLOCK_SAMPLE) {
        weir_rtt_sample(&f->perf[t->side & 1], fine - r->mark_fine);
        s->done_fine = r->mark_fine;
    }
    if (t->clock & WEIR_CLOCK_SYN)
        s->mark_fine = fine;
    if (t->clock & WEIR_CLOCK_MARK) {
        s->mark_fine = fine;
        s->mark = p->seq + p->payload_bytes;
        s->flags |= WEIR_SIDE_MARK;
    }
}
