/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* From contacts and their outcomes to the rows of scans (docs/decisions/008-scans.md).
 *
 * Sequential test: Jung, Paxson, Berger, Balakrishnan, Fast Portscan Detection Using Sequential
 * Hypothesis Testing (2004), with P[success | benign] = 0.8, P[success | scanner] = 0.2: a failure
 * multiplies the likelihood ratio by 4, a success by 1/4, which is plus or minus 2 of its logarithm
 * to base 2. Counts: Zeek scan.zeek (15 ports on a host, 25 hosts on a port), simple-scan. */

#include "dataplane/bits.h"
#include "dataplane/source.h"

#define WEIR_SCAN_WINDOW WEIR_TICKS(15 * 60)
#define WEIR_SCAN_DAY WEIR_TICKS(24 * 60 * 60)

/* No answer for so long is a failure (Zeek tcp_attempt_delay). */
#define WEIR_SCAN_SILENCE WEIR_TICKS(5)

#define WEIR_SCORE_STEP 2
#define WEIR_SCORE_LEAST (-8) /* a scanner that knows an open port cannot buy more than this */
#define WEIR_SCORE_MOST 60
/* P_D = 0.99, P_F = 0.01: log2(99) = 6.63, four net failures. */
#define WEIR_SCORE_ALERT 7

/* Bits that so many different contacts are expected to set: see abi/source.h. */
#define WEIR_BITS_15 14
#define WEIR_BITS_25 23
#define WEIR_BITS_100 82

/* A few of something are no accident. */
#define WEIR_SCAN_FEW 3
/* So many unanswered segments out of nowhere are enough without a single answer. */
#define WEIR_SCAN_UNANSWERED 8
/* Contacts that no one answered yet are no failures before the longest round trip has passed. */
#define WEIR_SCAN_ROUND_TRIP (WEIR_TICKS(1) / 4)
#define WEIR_SWEEP_ROUND_TRIP WEIR_TICKS(1)
#define WEIR_SAME_ISN_MANY 16

WEIR_FN void weir_source_score(struct weir_source *s, __s32 by)
{
    __s32 score = (__s8)s->score + by;

    s->score = (__u8)(score < WEIR_SCORE_LEAST  ? WEIR_SCORE_LEAST
                      : score > WEIR_SCORE_MOST ? WEIR_SCORE_MOST
                                                : score);
}

/* What is pending when its source was quiet for that long will not be answered any more. */
WEIR_FN void weir_source_silence(struct weir_source *s, __u32 tick)
{
    __u32 failed = 0, fresh = 0;

    if (tick - s->contact_at < WEIR_SCAN_SILENCE)
        return;
    for (int i = 0; i < WEIR_CONTACT_WORDS; i++) {
        __u64 pending = s->touched.w[i] & ~(s->good.w[i] | s->bad.w[i]);

        failed += weir_popcount(pending);
        fresh += weir_popcount(pending & ~s->day_failed.w[i]);
        s->bad.w[i] |= pending;
        s->day_failed.w[i] |= pending;
    }
    s->failed += failed;
    weir_source_score(s, (__s32)(fresh * WEIR_SCORE_STEP));
}

/* Windows begin with a contact, so that none is cut by the clock. */
WEIR_FN void weir_source_turn(struct weir_source *s, __u32 tick)
{
    if (tick - s->day > WEIR_SCAN_DAY) {
        s->day = tick;
        s->score = 0;
        __builtin_memset(&s->day_failed, 0, sizeof(s->day_failed));
    }
    if (tick - s->since <= WEIR_SCAN_WINDOW)
        return;
    s->since = s->pending_at = tick;
    s->marks &= WEIR_SOURCE_PROVEN;
    s->tools = s->half_reset = s->bare = s->stray_refused = s->opens = 0;
    s->probe_least[0] = s->probe_least[1] = s->probe_most[0] = s->probe_most[1] = 0;
    s->opened = s->failed = 0;
    s->probes = 0;
    __builtin_memset(&s->touched, 0, sizeof(s->touched));
    __builtin_memset(&s->good, 0, sizeof(s->good));
    __builtin_memset(&s->bad, 0, sizeof(s->bad));
    __builtin_memset(&s->ports, 0, sizeof(s->ports));
    __builtin_memset(&s->hosts, 0, sizeof(s->hosts));
    __builtin_memset(&s->stray, 0, sizeof(s->stray));
}

WEIR_FN bool weir_source_is_pending(const struct weir_source *s)
{
    __u64 any = 0;

    for (int i = 0; i < WEIR_CONTACT_WORDS; i++)
        any |= s->touched.w[i] & ~(s->good.w[i] | s->bad.w[i]);
    return any;
}

#define WEIR_BIT(hash) ((hash)&255)
#define WEIR_PORT_BIT(port) ((__u32)(port)*0x9e3779b1U >> 24)

WEIR_FN void weir_scan_hit(struct weir_track *t, struct weir_source *s, __u32 rows)
{
    if (!rows)
        return;
    t->facts |= WEIR_FACT_SCAN;
    t->scan.rows |= rows;
    t->scan.ports = weir_contacts_count(&s->ports);
    t->scan.hosts = weir_contacts_count(&s->hosts);
    t->scan.strays = weir_contacts_count(&s->stray);
    t->scan.failed = s->failed;
    t->scan.opened = s->opened;
    t->scan.half_reset = s->half_reset;
    t->scan.bare = s->bare;
    t->scan.refused = s->stray_refused;
    t->scan.score = (__u32)(__s8)s->score;
    if (rows & (WEIR_SCAN_OUTBOUND | WEIR_SCANS_INBOUND)) {
        s->marks |= WEIR_SOURCE_TOLD;
        s->told_at = t->tick;
    }
}

/* Enough different ports of few hosts, or enough hosts on few ports, that did not open; and the
 * answers that say so, or the time in which they would have come. */
WEIR_FN __u32 weir_scan_shape(const struct weir_source *s, __u32 tick)
{
    __u32 earlier = !!(s->marks & WEIR_SOURCE_EARLIER);
    __u32 ports = weir_contacts_count(&s->ports) + earlier;
    __u32 hosts = weir_contacts_count(&s->hosts);
    __u32 touched = weir_contacts_count(&s->touched) + earlier;
    __u32 failing = weir_contacts_count_without(&s->touched, &s->good) + earlier;
    __u32 age = tick - s->pending_at, rows = 0;

    if (failing >= WEIR_BITS_15 && ports >= WEIR_BITS_15 && hosts * 3 <= ports &&
        (s->failed || age >= WEIR_SCAN_ROUND_TRIP))
        rows |= WEIR_SCAN_VERTICAL;
    if (failing >= WEIR_BITS_25 && hosts >= WEIR_BITS_25 && ports <= WEIR_SCAN_FEW &&
        failing * 2 > touched &&
        (s->failed >= WEIR_SCAN_UNANSWERED || age >= WEIR_SWEEP_ROUND_TRIP))
        rows |= WEIR_SCAN_HORIZONTAL;
    return rows;
}

/* Hosts of ours meet more that does not answer: peers that went away, what a user mistypes. */
WEIR_FN __u32 weir_scan_outbound(const struct weir_source *s, __u32 shape)
{
    if (shape & WEIR_SCAN_VERTICAL && weir_contacts_count(&s->ports) >= WEIR_BITS_25 &&
        weir_contacts_count_without(&s->touched, &s->good) >= WEIR_BITS_25)
        return WEIR_SCAN_OUTBOUND;
    if (shape & WEIR_SCAN_HORIZONTAL && weir_contacts_count(&s->hosts) >= WEIR_BITS_100)
        return WEIR_SCAN_OUTBOUND;
    return 0;
}

WEIR_FN bool weir_scan_is_half_open(const struct weir_source *s)
{
    return s->half_reset >= WEIR_SCAN_FEW && (s->failed >= WEIR_SCAN_FEW || s->tools & 15);
}

WEIR_FN bool weir_scan_is_connect(const struct weir_source *s)
{
    return s->bare >= WEIR_SCAN_FEW && s->failed >= WEIR_SCAN_FEW && s->bare > s->opened;
}

WEIR_FN __u32 weir_scan_inbound(const struct weir_source *s, __u32 shape)
{
    __u32 rows = shape;

    if (weir_scan_is_half_open(s))
        rows |= WEIR_SCAN_HALF_OPEN;
    if (weir_scan_is_connect(s))
        rows |= WEIR_SCAN_CONNECT;
    if ((__s8)s->score >= WEIR_SCORE_ALERT)
        rows |= WEIR_SCAN_SEQUENTIAL;
    /* A fast one is on its way to a shape. */
    if (!shape && weir_contacts_count(&s->day_failed) >= WEIR_BITS_15 &&
        weir_contacts_count(&s->bad) < WEIR_BITS_15)
        rows |= WEIR_SCAN_SLOW;
    return rows;
}

WEIR_FN void weir_source_probe(struct weir_source *s, __u64 hash)
{
    for (int i = 0; i < 2; i++) {
        __u32 probe = (__u32)(hash >> (32 - 16 * i));

        if (!s->probe_least[i] || probe < s->probe_least[i])
            s->probe_least[i] = probe;
        if (probe > s->probe_most[i])
            s->probe_most[i] = probe;
    }
}

/* A header may be a scanner's by chance (masscan's is 2^-16 for each packet), twice it is not. */
WEIR_FN void weir_source_tool(struct weir_source *s, __u32 tool)
{
    __u32 bit = tool ? 1U << (tool & 3) : 0;

    s->tools |= (__u8)((s->tools >> 4 & bit) | bit << 4);
}

WEIR_FN void weir_source_syn(struct weir_track *t, struct weir_source *s,
                             const struct weir_contact *c)
{
    __u32 bit = WEIR_BIT(c->target), shape;

    weir_source_silence(s, t->tick);
    weir_source_turn(s, t->tick);
    s->contact_at = t->tick;
    if (!weir_source_is_pending(s))
        s->pending_at = t->tick;
    if (!weir_contacts_has(&s->touched, bit)) {
        s->probes++;
        weir_source_probe(s, c->probe);
        s->same_isn = c->isn != s->isn ? 1 : s->same_isn < 255 ? s->same_isn + 1 : 255;
        s->isn = c->isn;
    }
    weir_contacts_add(&s->touched, bit);
    weir_contacts_add(&s->ports, WEIR_PORT_BIT(c->port));
    weir_contacts_add(&s->hosts, WEIR_BIT(c->host));
    weir_source_tool(s, c->tool);
    if (weir_contacts_has(&s->good, bit))
        return;
    shape = weir_scan_shape(s, t->tick);
    weir_scan_hit(t, s,
                  (c->outbound ? weir_scan_outbound(s, shape) : weir_scan_inbound(s, shape)) |
                      (s->same_isn >= WEIR_SAME_ISN_MANY ? WEIR_SCAN_CONSTANT_ISN : 0));
}

WEIR_FN void weir_source_stray(struct weir_track *t, struct weir_source *s,
                               const struct weir_contact *c)
{
    bool refused = s->stray_refused >= WEIR_SCAN_FEW;
    __u32 strays;

    weir_source_silence(s, t->tick);
    weir_source_turn(s, t->tick);
    s->contact_at = t->tick;
    weir_contacts_add(&s->stray, WEIR_PORT_BIT(c->port));
    strays = weir_contacts_count(&s->stray);
    if (c->outbound || c->stray == WEIR_STRAY_ILLEGAL)
        return;
    if (strays < WEIR_SCAN_FEW) {
        weir_scan_hit(t, s, refused && c->stray == WEIR_STRAY_SYNACK ? WEIR_SCAN_IDLE_ZOMBIE : 0);
        return;
    }
    if (!refused && (c->unsure || c->stray == WEIR_STRAY_SYNACK || strays < WEIR_SCAN_UNANSWERED ||
                     s->marks & WEIR_SOURCE_STRAY_ANSWERED))
        return;
    weir_scan_hit(t, s, c->stray == WEIR_STRAY_FIN ? WEIR_SCAN_MAIMON : WEIR_SCAN_ACK);
}

WEIR_FN void weir_source_refused(struct weir_track *t, struct weir_source *s,
                                 const struct weir_contact *c)
{
    __u32 bit = WEIR_BIT(c->target);

    if (weir_contacts_has(&s->stray, WEIR_PORT_BIT(c->port)) && s->stray_refused < 255)
        s->stray_refused++;
    if (!weir_contacts_has(&s->touched, bit) || weir_contacts_has(&s->good, bit) ||
        weir_contacts_has(&s->bad, bit))
        return;
    weir_contacts_add(&s->bad, bit);
    s->failed++;
    /* One route that is down makes all hosts behind it fail, which the test takes for independent.
     */
    if (c->kind == WEIR_CONTACT_ABSENT)
        return;
    if (!weir_contacts_has(&s->day_failed, bit))
        weir_source_score(s, WEIR_SCORE_STEP);
    weir_contacts_add(&s->day_failed, bit);
    if (!c->outbound && weir_contacts_count(&s->bad) >= WEIR_BITS_15)
        weir_scan_hit(t, s, WEIR_SCAN_RST_BURST);
}

WEIR_FN void weir_source_done(struct weir_source *s, const struct weir_contact *c)
{
    __u32 bit = WEIR_BIT(c->target);

    if (c->kind == WEIR_CONTACT_DONE)
        s->marks |= WEIR_SOURCE_PROVEN;
    if (!weir_contacts_has(&s->touched, bit) || weir_contacts_has(&s->good, bit))
        return;
    weir_contacts_add(&s->good, bit);
    if (weir_contacts_has(&s->bad, bit))
        return;
    s->opened++;
    weir_source_score(s, -WEIR_SCORE_STEP);
}

/* Of many the newest stands in the last place. */
WEIR_FN void weir_source_open(struct weir_source *s, __u16 port)
{
    __u32 n = s->opens;

    for (__u32 i = 0; i < WEIR_OPEN_PORTS; i++)
        if (i < n && s->open[i] == port)
            return;
    if (n < WEIR_OPEN_PORTS)
        s->opens++;
    else
        n = WEIR_OPEN_PORTS - 1;
    s->open[n & (WEIR_OPEN_PORTS - 1)] = port;
}

/* What was found open, told on a packet of who found it. */
WEIR_FN __u32 weir_scan_found(const struct weir_source *s, const struct weir_contact *c)
{
    return s->marks & WEIR_SOURCE_TOLD && c->sent && !c->outbound ? WEIR_SCAN_OPEN_PORT : 0;
}

WEIR_FN void weir_source_reset(struct weir_track *t, struct weir_source *s,
                               const struct weir_contact *c)
{
    __u32 bit = WEIR_BIT(c->target);

    if (weir_contacts_has(&s->touched, bit) && !weir_contacts_has(&s->bad, bit) &&
        s->half_reset < 255)
        s->half_reset++;
    weir_source_open(s, c->port);
    weir_contacts_add(&s->bad, bit);
    if (!c->outbound)
        weir_scan_hit(
            t, s, weir_scan_found(s, c) | (weir_scan_is_half_open(s) ? WEIR_SCAN_HALF_OPEN : 0));
}

/* It opened and carried nothing: the success is taken back. */
WEIR_FN void weir_source_bare(struct weir_track *t, struct weir_source *s,
                              const struct weir_contact *c)
{
    __u32 bit = WEIR_BIT(c->target);

    if (weir_contacts_has(&s->touched, bit) && !weir_contacts_has(&s->bad, bit)) {
        if (s->bare < 255)
            s->bare++;
        if (weir_contacts_has(&s->good, bit)) {
            weir_source_score(s, WEIR_SCORE_STEP);
            s->opened -= !!s->opened;
        }
    }
    weir_source_open(s, c->port);
    weir_contacts_add(&s->bad, bit);
    weir_contacts_remove(&s->good, bit);
    if (!c->outbound && c->sent)
        weir_scan_hit(t, s,
                      weir_scan_found(s, c) | (weir_scan_is_connect(s) ? WEIR_SCAN_CONNECT : 0));
}

/* Contact or outcome c into the record of its source; rows that hold are in t->scan. */
WEIR_STAGE int weir_source_note(struct weir_track *t, struct weir_source *s,
                                const struct weir_contact *c)
{
    if (!t || !s || !c)
        return 0;
    switch (c->kind) {
    case WEIR_CONTACT_SYN:
        weir_source_syn(t, s, c);
        break;
    case WEIR_CONTACT_STRAY:
        weir_source_stray(t, s, c);
        break;
    case WEIR_CONTACT_REFUSED:
    case WEIR_CONTACT_ABSENT:
        weir_source_refused(t, s, c);
        break;
    case WEIR_CONTACT_DONE:
    case WEIR_CONTACT_GOES_ON:
        weir_source_done(s, c);
        break;
    case WEIR_CONTACT_RESET:
        weir_source_reset(t, s, c);
        break;
    case WEIR_CONTACT_BARE:
        weir_source_bare(t, s, c);
        break;
    case WEIR_CONTACT_ANSWERED:
        s->marks |= WEIR_SOURCE_STRAY_ANSWERED;
        break;
    default:
        break;
    }
    return 0;
}
