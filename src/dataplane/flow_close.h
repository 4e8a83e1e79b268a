/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* RST and FIN: RFC 9293 3.10.7.4, RFC 5961 3.2. */

#include "dataplane/flow_window.h"

#define WEIR_RST_WINDOW WEIR_TICKS(10) /* strikes are counted over */
#define WEIR_RST_CONTRADICTED                                                                      \
    WEIR_TICKS(5) /* data so soon behind its sender's RST tells that that was forged */

/* What a receiver acts on: the next sequence number, as its acknowledgements tell it; or where the
 * sender stands, when the acknowledgement is still to come; or the edge of the window, which
 * tcp_acceptable_seq() of tcp_output.c names when more is queued. */
WEIR_FN bool weir_rst_is_exact(const struct weir_flow_side *s, const struct weir_flow_side *r,
                               const struct weir_pkt *p)
{
    if (p->seq == s->end)
        return true;
    return r->flags & WEIR_SIDE_ACKED && (p->seq == r->ack || p->seq == r->edge);
}

WEIR_FN void weir_rst_take(struct weir_track *t, struct weir_flow_side *s, const struct weir_pkt *p,
                           enum weir_moment moment)
{
    if (!(s->flags & WEIR_SIDE_SEEN))
        weir_side_begin(s, &t->s, p, t->tick);
    else
        s->packets++;
    s->flags |= WEIR_SIDE_RST;
    s->close = p->seq;
    s->last_tick = t->tick;
    t->moment = moment;
}

/* Linux drops an answer to its SYN that echoes a timestamp it did not send (PAWSACTIVEREJECTED in
 * tcp_rcv_synsent_state_process()): who forges an RST into a handshake seldom knows it. Ten minutes
 * of its clock are more than any SYN waits. */
#define WEIR_ECHO_MOST 600000

WEIR_FN bool weir_rst_echoes_wrong(const struct weir_flow_side *r, const struct weir_pkt *p)
{
    return r->flags & WEIR_SIDE_TIMESTAMPS && p->options & WEIR_OPTION_TIMESTAMPS && p->tsecr &&
           !weir_between(p->tsecr, r->tsval, r->tsval + WEIR_ECHO_MOST);
}

WEIR_FN void weir_rst_in_handshake(struct weir_track *t, struct weir_flow_side *s,
                                   const struct weir_flow_side *r, struct weir_flow_perf *perf,
                                   const struct weir_pkt *p)
{
    if (t->side == WEIR_SIDE_CLIENT) {
        if (p->seq == s->end || p->seq == s->isn + 1)
            weir_rst_take(t, s, p,
                          r->flags & WEIR_SIDE_SYN ? WEIR_MOMENT_HALF_RESET : WEIR_MOMENT_RESET);
        return;
    }
    if (weir_rst_echoes_wrong(r, p)) {
        weir_fact(t, WEIR_FACT_PAWS, r->tsval, p->tsecr);
        (void)weir_strike(t, perf, WEIR_STRIKE_PAWS, WEIR_STRIKE_WINDOW);
        return;
    }
    if (p->tcp_flags & WEIR_ACK ? weir_between(p->ack, r->isn + 1, r->end)
                                : s->flags & WEIR_SIDE_SEEN && p->seq == s->end)
        weir_rst_take(t, s, p, s->flags & WEIR_SIDE_SEEN ? WEIR_MOMENT_RESET : WEIR_MOMENT_REFUSED);
}

/* To a segment of no connection: <SEQ=SEG.ACK><CTL=RST> (RFC 9293 3.10.7.1). */
WEIR_FN bool weir_rst_answers_stray(const struct weir_flow_side *s, const struct weir_flow_side *r,
                                    const struct weir_pkt *p)
{
    return r->flags & WEIR_SIDE_LOOSE && r->flags & WEIR_SIDE_ACKED &&
           !(s->flags & WEIR_SIDE_SEEN) && !(p->tcp_flags & WEIR_ACK) && p->seq == r->ack;
}

/* Segments that were on their way when their connection ended arrive so long after, and are
 * answered by RST, each of them. */
#define WEIR_LINGER WEIR_TICKS(2)

WEIR_FN bool weir_rst_repeats(const struct weir_track *t, const struct weir_flow_side *s,
                              const struct weir_flow_side *r, const struct weir_pkt *p)
{
    if (p->seq == s->end || p->seq == s->close || p->seq == r->ack)
        return true;
    return t->tick - s->last_tick <= WEIR_LINGER && p->seq - r->ack <= r->edge - r->ack;
}

/* The exact number among many wrong ones is the hit of a search, not the end of the connection: who
 * means it repeats it when the next segment comes, and is heard once the search is over. */
WEIR_FN void weir_flow_rst(struct weir_track *t, struct weir_flow *f, struct weir_flow_side *s,
                           const struct weir_flow_side *r, struct weir_flow_perf *perf,
                           const struct weir_pkt *p)
{
    bool exact;

    if (weir_flow_is_over(f)) {
        if (!weir_rst_repeats(t, s, r, p))
            t->moment = WEIR_MOMENT_UNANSWERED;
        return;
    }
    if (!weir_flow_is_open(f)) {
        bool refuses = weir_rst_answers_stray(s, r, p);

        weir_rst_in_handshake(t, s, r, perf, p);
        if (refuses)
            t->moment = WEIR_MOMENT_STRAY_REFUSED;
        else if (t->moment == WEIR_MOMENT_NONE && p->seq != s->end)
            t->moment = WEIR_MOMENT_UNANSWERED;
        return;
    }
    /* Signed connections: whether the signature is right cannot be told, so nothing is believed. */
    if ((s->flags | r->flags) & WEIR_SIDE_KEYED &&
        !(p->options & (WEIR_OPTION_MD5 | WEIR_OPTION_AO)))
        return;
    exact = weir_rst_is_exact(s, r, p);
    if (exact &&
        weir_strikes_lately(t, perf, WEIR_STRIKE_RST, WEIR_RST_WINDOW) < WEIR_STRIKES_MANY) {
        weir_rst_take(t, s, p, WEIR_MOMENT_RESET);
        return;
    }
    if (!exact && (weir_flow_is_closing(f) || weir_flow_is_loose(f)))
        return;
    weir_fact(t,
              weir_between(p->seq, r->ack, r->edge) ? WEIR_FACT_RST_INEXACT : WEIR_FACT_RST_OUTSIDE,
              r->ack, p->seq);
    (void)weir_strike(t, perf, WEIR_STRIKE_RST, WEIR_RST_WINDOW);
    t->moment = WEIR_MOMENT_STRAY_RST;
}

/* Data from the sender of an RST, beyond it: the RST was another's (Suricata
 * stream.suspected_rst_inject). The connection lives on. */
WEIR_FN void weir_close_judge_rst(struct weir_track *t, struct weir_flow_side *s,
                                  const struct weir_pkt *p)
{
    if (!(s->flags & WEIR_SIDE_RST) || !p->payload_bytes || !weir_after(t->s.end, s->close))
        return;
    if (t->tick - s->last_tick > WEIR_RST_CONTRADICTED || weir_before(p->seq, s->close))
        return;
    weir_fact(t, WEIR_FACT_DATA_AFTER_RST, s->close, p->seq);
    s->flags &= ~WEIR_SIDE_RST;
}

/* A FIN whose number was acknowledged as data's, or the SYN's. A capture may have missed the FIN
 * itself, so that only the SYN's number is sure. */
WEIR_FN bool weir_fin_is_used_up(const struct weir_track *t, const struct weir_flow_side *s,
                                 const struct weir_flow_side *r, const struct weir_pkt *p)
{
    return p->tcp_flags & WEIR_FIN && weir_segment_is_acked(&t->s, r) &&
           !weir_after(t->s.end, t->gaps ? s->isn + 1 : s->end);
}

WEIR_FN void weir_close_judge_fin(struct weir_track *t, const struct weir_flow_side *s,
                                  const struct weir_flow_side *r, const struct weir_pkt *p)
{
    if (!(s->flags & WEIR_SIDE_FIN)) {
        if (WEIR_UNLIKELY(weir_fin_is_used_up(t, s, r, p)))
            weir_fact(t, WEIR_FACT_FIN_INVALID, r->ack, t->s.end);
        return;
    }
    if (p->tcp_flags & WEIR_FIN && weir_after(t->s.end, s->close))
        weir_fact(t, WEIR_FACT_FIN_INVALID, s->close, t->s.end);
    /* One byte at most: a keep-alive (RFC 9293 3.8.4) may repeat anything. */
    else if (p->payload_bytes > 1 && weir_after(p->seq + p->payload_bytes, s->close - 1))
        weir_fact(t, WEIR_FACT_DATA_AFTER_FIN, s->close, p->seq + p->payload_bytes);
}

/* Take FIN and what it brings about. was_over: before this packet. */
WEIR_FN void weir_close_take(struct weir_track *t, const struct weir_flow *f,
                             struct weir_flow_side *s, const struct weir_pkt *p, bool was_over)
{
    if (p->tcp_flags & WEIR_FIN) {
        s->flags |= WEIR_SIDE_FIN;
        s->close = t->s.end;
    }
    if (!was_over && t->moment == WEIR_MOMENT_NONE && weir_flow_is_over(f))
        t->moment = WEIR_MOMENT_CLOSED;
}
