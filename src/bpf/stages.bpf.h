/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The stages of a packet. Each is a global function: the verifier proves it once, alone, for any
 * argument, so that the states of one stage do not multiply with those of the next
 * (docs/decisions/001-stages.md has the numbers). */

#include "drop.bpf.h"
#include "verdict.bpf.h"

#include "dataplane/parse.h"

__noinline int weir_stage_network(struct weir_pkt *p, const struct weir_window *w)
{
    if (!p || !w)
        return WEIR_OUTCOME_SNAPPED;
    return weir_parse_network(p, w);
}

/* Apart from the header, because the states of the two would multiply. */
__noinline int weir_stage_options(struct weir_pkt *p, const struct weir_window *w)
{
    if (!p || !w)
        return WEIR_OUTCOME_SNAPPED;
    return weir_parse_tcp_options(p, w);
}

__noinline int weir_stage_transport(struct weir_pkt *p, const struct weir_window *w)
{
    int outcome;

    if (!p || !w)
        return WEIR_OUTCOME_SNAPPED;
    outcome = weir_parse_payload(p, w);
    return outcome == WEIR_PARSE_ON ? weir_stage_options(p, w) : outcome;
}

__noinline int weir_stage_detect(struct weir_hits *h, const struct weir_pkt *p)
{
    const struct weir_rows judged = { { weir_judged[0], weir_judged[1] } };

    if (!h || !p)
        return 0;
    weir_detect_stateless(h, p, judged);
    return 0;
}

__noinline int weir_stage_detect_egress(struct weir_hits *h, const struct weir_pkt *p)
{
    const struct weir_rows judged = { { weir_judged_egress[0], weir_judged_egress[1] } };

    if (!h || !p)
        return 0;
    weir_detect_stateless(h, p, judged);
    return 0;
}

__noinline int weir_stage_detect_flow(struct weir_hits *h, const struct weir_pkt *p,
                                      const struct weir_track *t)
{
    const struct weir_rows judged = { { weir_judged[0], weir_judged[1] } };

    if (!h || !p || !t)
        return 0;
    weir_detect_flow(h, p, t, judged);
    return 0;
}

/* Rows that the packet's zone judges: another may have them in the program. */
static __always_inline void weir_count_rows(struct weir_counters *c, const struct weir_hits *h,
                                            const struct weir_policy *p)
{
    struct weir_rows found, noted;

    for (int i = 0; i < 2; i++) {
        found.w[i] = h->found.w[i] & p->judged[i];
        noted.w[i] = h->noted.w[i] & p->judged[i];
    }
    for (__u32 row = 0; row < WEIR_ROWS; row++) {
        if (weir_rows_has(&found, row))
            c->found[row]++;
        if (weir_rows_has(&noted, row))
            c->noted[row]++;
    }
}

static __always_inline bool weir_source_allowed(const struct weir_pkt *p)
{
    struct weir_prefix6 key = { .bits = 128 };

    if (!*(volatile __u32 *)&control.allows || !p->ip_version)
        return false;
    __builtin_memcpy(key.addr, p->src, sizeof(key.addr));
    return bpf_map_lookup_elem(&allow, &key);
}

/* Policy's answer to the hits of a packet. 1: drop it. */
__noinline int weir_stage_decide(struct weir_run *r, __u32 hook)
{
    struct weir_counters *c = weir_counters_of(hook);
    const struct weir_policy *p;

    if (!r || !c)
        return 0;
    p = weir_policy_of(r->ifindex, weir_pkt_vlan(&r->p));
    weir_count_rows(c, &r->h, p);
    weir_decide(&r->d, &r->h, p, &r->p);
    if (r->d.drop && weir_source_allowed(&r->p)) {
        c->n[WEIR_COUNTER_SPARED]++;
        r->d.drop = 0;
        r->d.enforced = 0;
    }
    if (r->d.drop)
        c->n[r->d.enforced ? WEIR_COUNTER_DROP_DETECTION : WEIR_COUNTER_WOULD_DETECTION]++;
    if (r->d.row < WEIR_ROWS)
        weir_report(r, c, hook);
    if (r->d.enforced)
        weir_drop_log(r, c, hook, WEIR_DROP_DETECTION);
    return r->d.enforced;
}
