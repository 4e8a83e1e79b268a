/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* SYN, SYN-ACK, and what may come before both are acknowledged: RFC 9293 3.10.7.2 to 3.10.7.4,
 * Fast Open RFC 7413, TIME-WAIT reuse RFC 9293 3.6.1 and tcp_timewait_state_process(). */

#include "dataplane/flow_close.h"

/* A SYN that comes so long after the connection was opened is no duplicate made by the network: the
 * client stopped sending it when the SYN-ACK came, and Linux sends its second one after 1 s. */
#define WEIR_SYN_STALE WEIR_TICKS(3)

/* A SYN that was sent again so often is no attempt of a TCP: Linux sends 10 in all (tcp_syn_retries
 * and tcp_syn_linear_timeouts), others fewer. Each from then on counts as an attempt of its own. */
#define WEIR_SYN_TRIES 12

/* A SYN waits a second for its answer (RFC 6298 2.1); a copy that comes sooner is none of its TCP.
 */
#define WEIR_SYN_WAITS (WEIR_TICKS(1) / 2)

enum weir_after {
    WEIR_AFTER_NOTHING,
    WEIR_AFTER_RESTART, /* the record is to begin anew with this packet */
};

WEIR_FN bool weir_syn_is_same(const struct weir_flow_side *s, const struct weir_pkt *p)
{
    return s->flags & WEIR_SIDE_SYN && p->seq == s->isn;
}

WEIR_FN __u32 weir_flow_age(const struct weir_flow *f, __u32 tick)
{
    return tick - (__u32)(f->start_ns >> WEIR_TICK_SHIFT);
}

WEIR_FN void weir_flow_count_again(struct weir_flow *f, __u32 shift)
{
    if ((f->again >> shift & 15) < 15)
        f->again += 1 << shift;
}

/* Who lost its state, and its peer's, opens a connection inside a record that is still open. A SYN
 * alone proves nothing (RFC 5961 4.2: it is answered by a challenge); when a SYN-ACK answers it and
 * the client acknowledges that, both ends agree on the new numbers, and the record is what is wrong
 * (nf_conntrack_tcp_packet(), "get in sync"). Data of the old connection cancels it. */
WEIR_FN void weir_flow_again(struct weir_flow_side *s, const struct weir_pkt *p)
{
    s->mark = p->seq;
    s->mark_fine = 0;
    s->flags &= ~WEIR_SIDE_MARK;
}

WEIR_FN bool weir_side_is_again(const struct weir_flow_side *s)
{
    return !s->mark_fine && s->mark;
}

WEIR_FN bool weir_flow_agrees_again(const struct weir_flow_side *s, const struct weir_flow_side *r,
                                    const struct weir_pkt *p)
{
    return weir_side_is_again(s) && weir_side_is_again(r) && p->seq == s->mark + 1 &&
           p->ack == r->mark + 1;
}

/* On a connection that is over: may this SYN open the next one between the same ends? */
WEIR_FN enum weir_after weir_syn_reuses(struct weir_track *t, const struct weir_flow *f,
                                        const struct weir_flow_side *s,
                                        const struct weir_flow_side *r, const struct weir_pkt *p)
{
    bool newer = weir_has_timestamps(s, r, p) && s->tsval && weir_after(p->tsval, s->tsval);

    if (weir_syn_is_same(s, p) && weir_flow_is_open(f)) {
        weir_fact(t, WEIR_FACT_FLOW_REPLAY, s->isn, weir_flow_age(f, t->tick));
        return WEIR_AFTER_NOTHING;
    }
    if (s->flags & WEIR_SIDE_SEEN && !weir_flow_is_reset(f) && !weir_after(p->seq, s->end) &&
        !newer)
        weir_fact(t, WEIR_FACT_TUPLE_REUSE, s->end, p->seq);
    return WEIR_AFTER_RESTART;
}

WEIR_FN enum weir_after weir_flow_syn(struct weir_track *t, struct weir_flow *f,
                                      struct weir_flow_side *s, const struct weir_flow_side *r,
                                      struct weir_flow_perf *perf, const struct weir_pkt *p)
{
    if (weir_flow_is_over(f))
        return weir_syn_reuses(t, f, s, r, p);
    if (weir_flow_is_open(f)) {
        if (weir_syn_is_same(s, p) && weir_flow_age(f, t->tick) > WEIR_SYN_STALE)
            weir_fact(t, WEIR_FACT_FLOW_REPLAY, s->isn, weir_flow_age(f, t->tick));
        else
            weir_fact(t, WEIR_FACT_SYN_INSIDE, s->end, p->seq);
        if (weir_flow_is_judged(f))
            weir_window_judge_age(t, s, r, p);
        weir_flow_again(s, p);
        (void)weir_strike(t, perf, WEIR_STRIKE_SYN, WEIR_STRIKE_WINDOW);
        weir_flow_strikes(t, s, r, perf, p);
        return WEIR_AFTER_NOTHING;
    }
    if (weir_syn_is_same(s, p)) {
        t->moment = (f->again & 15) < WEIR_SYN_TRIES ? WEIR_MOMENT_SYN_AGAIN : WEIR_MOMENT_SYN;
        t->hasty = t->tick - s->last_tick < WEIR_SYN_WAITS;
        s->last_tick = t->tick;
        s->packets++;
        weir_flow_count_again(f, 0);
        return WEIR_AFTER_NOTHING;
    }
    if (t->side == WEIR_SIDE_SERVER && !(s->flags & WEIR_SIDE_SEEN)) {
        weir_side_begin_syn(s, &t->s, p, t->tick);
        weir_fact(t, WEIR_FACT_SIMULTANEOUS, 0, p->seq);
        return WEIR_AFTER_NOTHING;
    }
    if (s->flags & WEIR_SIDE_SYN)
        weir_fact(t, WEIR_FACT_SYN_CHANGED, s->isn, p->seq);
    return WEIR_AFTER_RESTART;
}

/* A SYN-ACK that the server sends for the first time. */
WEIR_FN void weir_synack_first(struct weir_track *t, struct weir_flow *f, struct weir_flow_side *s,
                               const struct weir_flow_side *r, const struct weir_pkt *p)
{
    if (!weir_between(p->ack, r->isn + 1, r->end)) {
        weir_fact(t, WEIR_FACT_SYNACK_WRONG_ACK, r->end, p->ack);
        return;
    }
    if (r->end != r->isn + 1 && p->ack != r->end)
        weir_fact(t, WEIR_FACT_TFO_ANOMALY, r->end, p->ack);
    weir_side_begin_syn(s, &t->s, p, t->tick);
    f->perf[WEIR_SIDE_SERVER].mss = p->mss;
    if (p->options & WEIR_OPTION_MPTCP_JOIN)
        (void)weir_flow_mark(f, WEIR_FLOW_SUBFLOW);
    t->moment = WEIR_MOMENT_SYNACK;
    t->clock |= WEIR_CLOCK_SYNACK | WEIR_CLOCK_SYN;
}

/* On an open connection: the server's own once more, an answer to a SYN inside it, or a stray. */
WEIR_FN void weir_synack_inside(struct weir_track *t, const struct weir_flow *f,
                                struct weir_flow_side *s, const struct weir_flow_side *r,
                                const struct weir_pkt *p, bool same)
{
    bool answers = weir_side_is_again(r) && p->ack == r->mark + 1;

    weir_fact(t,
              answers || (same && t->side == WEIR_SIDE_SERVER) ? WEIR_FACT_SYNACK_AGAIN
                                                               : WEIR_FACT_SYNACK_STRAY,
              s->isn, p->seq);
    if (weir_flow_is_judged(f))
        weir_window_judge_age(t, s, r, p);
    if (answers)
        weir_flow_again(s, p);
}

/* With both SYNs seen, a SYN-ACK of the client is the second half of a simultaneous open. */
WEIR_FN void weir_synack_of_client(struct weir_track *t, struct weir_flow_side *s,
                                   const struct weir_flow_side *r, const struct weir_pkt *p)
{
    if (!(r->flags & WEIR_SIDE_SYN) || p->seq != s->isn || p->ack != r->isn + 1) {
        weir_fact(t, WEIR_FACT_SYNACK_STRAY, s->isn, p->seq);
        return;
    }
    weir_side_acknowledge(s, &t->s);
    weir_fact(t, WEIR_FACT_SIMULTANEOUS, 0, p->seq);
}

WEIR_FN void weir_flow_synack(struct weir_track *t, struct weir_flow *f, struct weir_flow_side *s,
                              const struct weir_flow_side *r, const struct weir_pkt *p)
{
    bool first = weir_syn_is_same(s, p) && weir_between(p->ack, r->isn + 1, r->end);

    if (weir_flow_is_over(f))
        return;
    if (weir_flow_is_open(f)) {
        if (first && !(s->flags & WEIR_SIDE_ACKED)) /* the other half of a simultaneous open */
            weir_side_acknowledge(s, &t->s);
        else
            weir_synack_inside(t, f, s, r, p, first);
        return;
    }
    if (t->side == WEIR_SIDE_CLIENT) {
        weir_synack_of_client(t, s, r, p);
        return;
    }
    if (!(r->flags & WEIR_SIDE_SYN)) { /* SYN not seen: nothing to hold it against */
        t->moment = r->flags & WEIR_SIDE_SEEN ? WEIR_MOMENT_SYNACK_AGAIN : WEIR_MOMENT_UNANSWERED;
        return;
    }
    if (!(s->flags & WEIR_SIDE_ACKED)) {
        weir_synack_first(t, f, s, r, p);
        return;
    }
    if (p->seq == s->isn && p->ack == s->ack) {
        t->moment = WEIR_MOMENT_SYNACK_AGAIN;
        weir_flow_count_again(f, 4);
        return;
    }
    weir_fact(t, WEIR_FACT_SYNACK_CHANGED, s->isn, p->seq);
    if (!(s->flags & WEIR_SIDE_FIN))
        s->close = p->seq + 1; /* the client may take either: see weir_handshake_choose() */
}

/* Of two SYN-ACKs that differ the client acknowledges one. */
WEIR_FN void weir_handshake_choose(struct weir_flow_side *r, const struct weir_pkt *p)
{
    if (!r->close || p->ack != r->close || r->flags & WEIR_SIDE_FIN)
        return;
    r->isn = r->close - 1;
    r->end = r->close;
    r->close = 0;
}

/* The client's first segment behind the SYN-ACK. False: it is not to be taken. */
WEIR_FN bool weir_handshake_done(struct weir_track *t, struct weir_flow_side *s,
                                 struct weir_flow_side *r, const struct weir_pkt *p)
{
    bool gap;

    weir_handshake_choose(r, p);
    gap = t->gaps && weir_after(p->ack, r->end) && p->ack - r->end <= s->maxwin;
    if (weir_timestamp_lag(s, r, p) > WEIR_PAWS_WINDOW) { /* of a connection before this one */
        weir_fact(t, WEIR_FACT_PAWS, s->tsval, p->tsval);
        return false;
    }
    if (!weir_between(p->ack, r->isn + 1, r->end) && !gap) {
        weir_fact(t, WEIR_FACT_HANDSHAKE_WRONG_ACK, r->end, p->ack);
        return false;
    }
    weir_window_judge_data(t, s, r, p);
    weir_close_judge_fin(t, s, r, p);
    if (t->facts & WEIR_FACTS_REFUSED)
        return false;
    t->moment = WEIR_MOMENT_DONE;
    t->clock |= WEIR_CLOCK_DONE;
    return true;
}

/* The server before the client acknowledged its SYN-ACK. Only Fast Open lets it send data (RFC
 * 7413 4.2), as far as the window of the SYN goes; a capture may have missed the acknowledgement.
 */
WEIR_FN bool weir_handshake_server(struct weir_track *t, const struct weir_flow_side *s,
                                   const struct weir_flow_side *r, const struct weir_pkt *p)
{
    if (!(r->flags & WEIR_SIDE_ACKED) && weir_after(p->seq, s->isn + 1 + r->maxwin)) {
        weir_fact(t, WEIR_FACT_SEQ_OVER, s->isn + 1 + r->maxwin, p->seq);
        return false;
    }
    if (t->gaps && weir_after(p->ack, r->end))
        return true;
    if (p->payload_bytes && !((s->flags | r->flags) & WEIR_SIDE_FASTOPEN)) {
        weir_fact(t, WEIR_FACT_EARLY_DATA, r->end, p->ack);
        return false;
    }
    if (weir_between(p->ack, r->isn + 1, r->end))
        return true;
    weir_fact(t, WEIR_FACT_ACK_OVER, r->end, p->ack);
    return false;
}

/* A segment without SYN or RST while the handshake is not complete. False: it is not to be taken.
 */
WEIR_FN bool weir_flow_handshake(struct weir_track *t, struct weir_flow_side *s,
                                 struct weir_flow_side *r, const struct weir_pkt *p)
{
    if (t->side == WEIR_SIDE_CLIENT) {
        if (r->flags & WEIR_SIDE_SYN)
            return weir_handshake_done(t, s, r, p);
        s->flags |= WEIR_SIDE_LOOSE; /* the other direction is not seen */
        t->moment = WEIR_MOMENT_GOES_ON;
        return true;
    }
    if (s->flags & WEIR_SIDE_SEEN)
        return weir_handshake_server(t, s, r, p);
    /* No SYN-ACK was seen. An answer to this very SYN goes on without it; another acknowledgement
     * is of a connection that the server believes to be alive (RFC 9293 3.5.1, figure 9). */
    if (!weir_between(p->ack, r->isn + 1, r->end) && !(t->gaps && p->ack - r->end <= r->maxwin))
        return false;
    weir_side_begin_loose(s, &t->s, p, t->tick);
    return false;
}
