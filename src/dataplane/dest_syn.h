/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* SYN floods of a service (DETECTIONS 1.1): SYNs that lead nowhere, and handshakes that hang. */

#include "dataplane/dest_state.h"

#define WEIR_ANSWERS_TICKS WEIR_TICKS(64)
#define WEIR_SUDDEN 4 /* times the limit within a running beat: need not wait for its end */

/* SYNs that lead nowhere. A service that was served and now refuses is one that restarts. */
WEIR_FN __u32 weir_syn_waste(const struct weir_dest *s, __u32 syn, __u32 done, __u32 refused)
{
    return weir_less(syn, s->flags & WEIR_DEST_SERVED ? done + refused : done);
}

/* Clients repeat a SYN that nobody answers after a second, forgers do not: so where answers are not
 * seen it takes beats enough to tell a flood from a service that is down. */
#define WEIR_UNMET_BEATS 3

WEIR_FN void weir_turn_unmet(struct weir_dest *s)
{
    const __u32 *n = s->beat[0];
    __u32 waste =
        weir_less(weir_syn_waste(s, n[WEIR_SEEN_SYN], n[WEIR_SEEN_DONE], n[WEIR_SEEN_REFUSED]),
                  n[WEIR_SEEN_SYN_AGAIN]);

    if (waste <= n[WEIR_SEEN_SYN] / 2)
        s->unmet = 0;
    else if (s->unmet < 255)
        s->unmet++;
}

WEIR_FN bool weir_dest_answers(const struct weir_dest *s)
{
    return s->flags & WEIR_DEST_ANSWERS && s->at - s->answers_at < WEIR_ANSWERS_TICKS;
}

WEIR_FN bool weir_syn_is_told(const struct weir_dest *s)
{
    return weir_dest_answers(s) || s->unmet >= WEIR_UNMET_BEATS;
}

/* Handshakes that began in the newest beat, less those that ended. Where answers are not seen:
 * attempts; those of real clients come again. */
WEIR_FN __s32 weir_half_more(const struct weir_dest *s)
{
    const __u32 *n = s->beat[0];

    if (weir_dest_answers(s))
        return (__s32)(n[WEIR_SEEN_SYNACK] - n[WEIR_SEEN_DONE] - n[WEIR_SEEN_HALF_RESET]);
    return (__s32)(n[WEIR_SEEN_SYN] - n[WEIR_SEEN_DONE] - n[WEIR_SEEN_REFUSED] -
                   weir_least(n[WEIR_SEEN_SYN], n[WEIR_SEEN_SYN_AGAIN]));
}

/* Handshakes that hang, by when they began. One that nobody completes is given up after 63 s
 * (tcp_synack_retries 5). */
WEIR_STAGE int weir_turn_half(struct weir_dest *s)
{
    __u32 span;
    __s64 sum = 0;

    if (!s)
        return 0;
    span = s->at >> 12;
    for (__u32 i = 0; i < WEIR_HALF_SPANS && s->half_at != span; i++)
        s->half[++s->half_at & (WEIR_HALF_SPANS - 1)] = 0;
    s->half_at = span;
    s->half[span & (WEIR_HALF_SPANS - 1)] += (__u32)weir_half_more(s);
    for (__u32 i = 0; i < WEIR_HALF_SPANS; i++)
        sum += (__s32)s->half[i];
    s->half_sum = sum > 0 ? (__u32)sum : 0;
    return 0;
}

/* Of them those of the newest 4 to 9 s. */
WEIR_FN __u32 weir_half_recent(const struct weir_dest *s)
{
    __s32 n = (__s32)(s->half[s->half_at & (WEIR_HALF_SPANS - 1)] +
                      s->half[(s->half_at - 1) & (WEIR_HALF_SPANS - 1)]);

    return n > 0 ? (__u32)n : 0;
}

/* Half-open handshakes that count against the limit. What completes within a second is no backlog.
 * Where answers are not seen it is the attempts of the newest seconds. */
WEIR_FN __u32 weir_half_open(const struct weir_dest *s)
{
    __u32 half = weir_dest_answers(s) ? s->half_sum : weir_half_recent(s);

    return weir_less(half, weir_dest_rate(s, WEIR_SEEN_DONE));
}

WEIR_FN bool weir_half_grows(const struct weir_dest *s)
{
    __u32 recent = weir_half_recent(s);

    /* At this pace the limit is reached within the life of a SYN-ACK, and it is more than what
     * clients of a healthy service leave open. */
    return recent >= s->half_limit / WEIR_HALF_SPANS * 2 &&
           recent > weir_dest_rate(s, WEIR_SEEN_DONE) / 4;
}

/* Handshakes of the newest second that hang: fewer than would reach the limit within the life of a
 * SYN-ACK, or than a healthy service leaves. */
WEIR_FN bool weir_half_is_quiet(const struct weir_dest *s)
{
    __u32 done = weir_dest_rate(s, WEIR_SEEN_DONE);
    /* What is dropped is not answered, and no less of a flood for it. */
    bool answers = weir_dest_answers(s) && !(s->heavy & 1U << WEIR_SURGE_HALF_OPEN);
    __u32 began = weir_dest_rate(s, answers ? WEIR_SEEN_SYNACK : WEIR_SEEN_SYN);
    __u32 hang = weir_less(began, done + weir_dest_rate(s, WEIR_SEEN_HALF_RESET));

    return hang <= s->half_limit / 64 + done / 4;
}

/* SYNs to a service, or to ports of an address that serve nothing. */
WEIR_STAGE int weir_turn_syn(struct weir_dest *s)
{
    __u32 waste, rate, is = 0;

    if (!s)
        return 0;
    rate = weir_dest_rate(s, WEIR_SEEN_SYN);
    waste = weir_syn_waste(s, rate, weir_dest_rate(s, WEIR_SEEN_DONE),
                           weir_dest_rate(s, WEIR_SEEN_REFUSED));
    if (rate >= s->syn_limit && waste > rate / 2 && weir_syn_is_told(s) &&
        !weir_turn_is_scan(s, rate)) {
        is |= WEIR_SURGE_ON;
        weir_turn_state(s, WEIR_DEST_ATTACK);
    }
    if (rate < s->syn_limit / 2 || waste < rate / 4)
        is |= WEIR_SURGE_QUIET;
    /* While handshakes hang it is the same flood, not one of another row. */
    return weir_turn_surge(s, WEIR_SURGE_SYN, is, rate,
                           s->surging & 1U << WEIR_SURGE_HALF_OPEN ? ~0U : WEIR_TICKS(1));
}

/* The newest beat came at a rate that is a flood by itself if the next one does, too: one flood is
 * told by one row. */
WEIR_FN bool weir_syn_is_next(const struct weir_dest *s)
{
    return !(s->surging & 1U << WEIR_SURGE_SYN) && s->beat[0][WEIR_SEEN_SYN] * 2 >= s->syn_limit;
}

WEIR_STAGE int weir_turn_half_open(struct weir_dest *s)
{
    __u32 half, is = 0;

    if (!s)
        return 0;
    half = weir_half_open(s);
    if (weir_half_is_quiet(s))
        is |= WEIR_SURGE_QUIET;
    else if (half >= s->half_limit && weir_half_grows(s) && weir_syn_is_told(s) &&
             !weir_syn_is_next(s)) {
        is |= WEIR_SURGE_ON;
        weir_turn_state(s, WEIR_DEST_ATTACK);
    }
    return weir_turn_surge(s, WEIR_SURGE_HALF_OPEN, is, half, WEIR_TICKS(1));
}

/* Judged only while SYNs are a flood: a crowd with one build of one client has one fingerprint,
 * too.
 */
WEIR_STAGE int weir_turn_fingerprint(struct weir_dest *s)
{
    __u32 rate, same, done, is = 0;
    bool flood;

    if (!s)
        return 0;
    flood = s->surging & (1U << WEIR_SURGE_SYN | 1U << WEIR_SURGE_HALF_OPEN);
    rate = weir_dest_rate(s, WEIR_SEEN_SYN);
    same = weir_dest_rate(s, WEIR_SEEN_MARK);
    done = weir_dest_rate(s, WEIR_SEEN_DONE);
    if (flood && s->beats >= 2 && same > rate / 4 * 3 && done < same / 4)
        is |= WEIR_SURGE_ON;
    if (!flood || !s->beats || same < rate / 2 || done > same / 2)
        is |= WEIR_SURGE_QUIET;
    return weir_turn_surge(s, WEIR_SURGE_FINGERPRINT, is, same, 0);
}

/* Clients whose SYN nobody answers send it again, forgers do not: while one in five has to, the
 * flood keeps them from the service. */
#define WEIR_WAITING_LEAST 4

WEIR_FN bool weir_clients_wait(const struct weir_dest *s)
{
    __u32 again = weir_dest_rate(s, WEIR_SEEN_SYN_AGAIN);

    return again >= WEIR_WAITING_LEAST && again >= weir_dest_rate(s, WEIR_SEEN_DONE) / 4;
}

/* Is more to be done than what the fingerprint allows? Only first SYNs are then dropped: a client
 * comes again a second later with the same sequence number, and passes. */
WEIR_STAGE int weir_turn_grade(struct weir_dest *s)
{
    __u32 by_print, rest;

    if (!s)
        return 0;
    by_print = s->surging & 1U << WEIR_SURGE_FINGERPRINT ? weir_dest_rate(s, WEIR_SEEN_MARK) : 0;
    rest = weir_less(weir_dest_rate(s, WEIR_SEEN_SYN), by_print);
    s->heavy &= ~WEIR_SURGES_SYN;
    if (!weir_clients_wait(s))
        return 0;
    if (rest >= s->syn_limit / 2)
        s->heavy |= s->surging & 1U << WEIR_SURGE_SYN;
    if (!by_print)
        s->heavy |= s->surging & 1U << WEIR_SURGE_HALF_OPEN;
    return 0;
}

/* Four times the limit in less than a second, and nothing completes: no crowd does that. */
WEIR_STAGE int weir_turn_sudden(struct weir_dest *s)
{
    __u32 rate;

    if (!s || s->kind != WEIR_DEST_SERVICE)
        return 0;
    rate = s->now[WEIR_SEEN_SYN];
    if (rate < s->syn_limit * WEIR_SUDDEN ||
        weir_syn_waste(s, rate, s->now[WEIR_SEEN_DONE], s->now[WEIR_SEEN_REFUSED]) < rate / 8 * 7)
        return 0;
    weir_turn_state(s, WEIR_DEST_ATTACK);
    return weir_turn_surge(s, WEIR_SURGE_SYN, WEIR_SURGE_ON, rate, WEIR_TICKS(1));
}
