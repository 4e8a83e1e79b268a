/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Detections report, policy decides: from the rows that hit to one finding and one verdict. */

#include "abi/policy.h"
#include "dataplane/detect.h"

struct weir_decision {
    struct weir_rows findings; /* rows that are findings under this policy */
    struct weir_rows counted;  /* every judged row that held in any form */
    __u32 row;                 /* the finding: the most specific; WEIR_ROW_MAX without one */
    __u8 action;               /* enum weir_action of that row */
    __u8 drop;                 /* policy drops this packet, in enforce mode for real */
    __u8 enforced;             /* drop, and the mode is enforce */
    __u8 _pad;
};

/* Number of the lowest bit of v, which is not 0. By halves: clang 14 has no count-trailing-zeros
 * for its BPF target and crashes on the builtin. */
WEIR_FN __u32 weir_first_bit(__u64 v)
{
    __u32 n = 0;

    for (__u32 half = 32; half; half >>= 1) {
        if (!(v & ((1ULL << half) - 1))) {
            v >>= half;
            n += half;
        }
    }
    return n;
}

WEIR_FN __u32 weir_rows_first(const struct weir_rows *r)
{
    if (r->w[0])
        return weir_first_bit(r->w[0]);
    return r->w[1] ? 64 + weir_first_bit(r->w[1]) : WEIR_ROW_MAX;
}

/* May a finding drop this packet? It is TCP, claims to be, or has no IP header that would say.
 * Other protocols pass whatever their IP header looks like: the finding is reported, the packet is
 * not ours to drop. Nor is what this machine itself sends: that would break a healthy socket. */
WEIR_FN bool weir_pkt_droppable(const struct weir_pkt *p)
{
    return (weir_pkt_claims_tcp(p) || !p->ip_version) && !(p->link_flags & WEIR_LINK_SENT);
}

WEIR_FN void weir_decide(struct weir_decision *d, const struct weir_hits *h,
                         const struct weir_policy *policy, const struct weir_pkt *p)
{
    bool droppable = weir_pkt_droppable(p);

    d->drop = 0;
    for (int i = 0; i < 2; i++) {
        d->findings.w[i] = h->found.w[i] & policy->finding[i];
        d->counted.w[i] = (h->found.w[i] | h->noted.w[i]) & policy->judged[i];
        if (droppable && d->findings.w[i] & policy->drop[i] & ~h->spare.w[i])
            d->drop = 1;
    }
    d->row = weir_rows_first(&d->findings);
    d->action = d->row < WEIR_ROW_MAX ? policy->action[d->row & 127] : WEIR_ACTION_OFF;
    d->enforced = d->drop && policy->mode == WEIR_MODE_ENFORCE;
}
