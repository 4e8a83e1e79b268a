/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Incidents of floods: one for each row and destination, whoever the senders claim to be. Packets
 * are counted by CPU, and whoever has the turn adds them up; of all packets of an incident one at
 * the start, one at each doubling, and the end are reported. */

#include "dataplane/report.h"
#include "dataplane/dest_turn.h"

/* What a finding of the surge says, in the order of detections.def. */
WEIR_FN void weir_evidence_syn(__u32 v[WEIR_EVIDENCE_MAX], const struct weir_dest *s)
{
    __u32 syn = weir_dest_rate(s, WEIR_SEEN_SYN) + s->now[WEIR_SEEN_SYN];
    __u32 done = weir_dest_rate(s, WEIR_SEEN_DONE) + s->now[WEIR_SEEN_DONE];
    __u64 served = s->got[WEIR_SEEN_DONE];

    v[4] = weir_percent(done, syn);
    v[5] = weir_percent(s->new_sources, s->beat[0][WEIR_SEEN_SYN]);
    v[6] = weir_percent(weir_dest_rate(s, WEIR_SEEN_MARK), weir_dest_rate(s, WEIR_SEEN_SYN));
    v[7] = served > 0xffffffffU ? 0xffffffffU : (__u32)served;
}

WEIR_FN __u32 weir_surge_rate(const struct weir_dest *s, __u32 n)
{
    static const __u8 of[WEIR_SURGES] = {
        [WEIR_SURGE_SYN] = WEIR_SEEN_SYN,
        [WEIR_SURGE_HALF_OPEN] = WEIR_SEEN_SYN,
        [WEIR_SURGE_FINGERPRINT] = WEIR_SEEN_MARK,
        [WEIR_SURGE_SYNACK] = WEIR_SEEN_SYNACK_STRAY,
        [WEIR_SURGE_ACK] = WEIR_SEEN_ACK_STRAY,
        [WEIR_SURGE_RST] = WEIR_SEEN_RST_STRAY,
        [WEIR_SURGE_FIN] = WEIR_SEEN_FIN_STRAY,
        [WEIR_SURGE_AMPLIFICATION] = WEIR_SEEN_WEB_STRAY,
        [WEIR_SURGE_COOKIE_ACK] = WEIR_SEEN_COOKIE_BAD,
    };
    __u32 seen = n < WEIR_SURGES ? of[n] : 0;

    return weir_most(weir_dest_rate(s, (enum weir_seen)seen), s->now[seen]);
}

WEIR_FN void weir_surge_evidence(__u32 v[WEIR_EVIDENCE_MAX], const struct weir_dest *s, __u32 n)
{
    v[0] = weir_per_second(weir_surge_rate(s, n));
    v[1] = weir_per_second(n < WEIR_SURGES ? s->surge[n].peak : 0);
    v[2] = s->new_sources;
    if (n == WEIR_SURGE_HALF_OPEN) {
        v[1] = s->half_sum;
        v[3] = s->half_limit;
        weir_evidence_syn(v, s);
    } else if (n == WEIR_SURGE_SYN || n == WEIR_SURGE_FINGERPRINT) {
        v[3] = weir_per_second(s->syn_limit);
        weir_evidence_syn(v, s);
    }
}

/* The packet of ev, which is filled in else, is the one that is reported. */
WEIR_FN void weir_surge_report(struct weir_dest *s, __u32 n, struct weir_event *ev)
{
    struct weir_surge *g = &s->surge[n];

    if (!g->first_ns)
        g->first_ns = ev->ts_ns;
    g->last_ns = ev->ts_ns;
    ev->first_ns = g->first_ns;
    ev->count = g->count + 1;
    g->reported = ev->count;
    weir_surge_evidence(ev->evidence, s, n);
    __builtin_memcpy(g->src, ev->src, sizeof(g->src));
    __builtin_memcpy(g->dst, ev->dst, sizeof(g->dst));
    g->sport = ev->sport;
    g->dport = ev->dport;
    g->source = ev->source;
    g->action = ev->action;
    g->flags = ev->flags;
    g->proto = ev->proto;
    g->ip_version = ev->ip_version;
    g->ttl = ev->ttl;
    g->tcp_flags = ev->tcp_flags;
    g->outcome = ev->outcome;
}

WEIR_FN bool weir_surge_is_over(const struct weir_dest *s, __u32 n, __u64 now_ns)
{
    const struct weir_suppress quiet = { .last_ns = s->surge[n].last_ns };

    return !(s->surging >> n & 1) && weir_suppress_over(&quiet, now_ns);
}

/* End the incident; the caller has the turn. True: *ev is to be sent, the exact count was not
 * reported. */
WEIR_FN bool weir_surge_close(struct weir_dest *s, __u32 n, struct weir_event *ev)
{
    struct weir_surge *g = &s->surge[n];
    bool owes = g->count > g->reported;

    __builtin_memset(ev, 0, sizeof(*ev));
    ev->abi = WEIR_ABI;
    ev->len = sizeof(*ev);
    ev->type = WEIR_EVENT_FINDING;
    ev->ts_ns = g->last_ns;
    ev->first_ns = g->first_ns;
    ev->count = g->count;
    __builtin_memcpy(ev->src, g->src, sizeof(ev->src));
    __builtin_memcpy(ev->dst, g->dst, sizeof(ev->dst));
    ev->sport = g->sport;
    ev->dport = g->dport;
    ev->detection = weir_row_id(weir_surge_row(n));
    ev->action = g->action;
    ev->flags = g->flags | WEIR_EVENT_FINAL;
    ev->proto = g->proto;
    ev->ip_version = g->ip_version;
    ev->ttl = g->ttl;
    ev->tcp_flags = g->tcp_flags;
    ev->source = g->source;
    ev->outcome = g->outcome;
    g->first_ns = g->count = g->reported = 0;
    s->owed &= ~(1U << n);
    return owes;
}
