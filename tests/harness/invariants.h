/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What holds for every packet, whatever its bytes. Shared by the property tests and the fuzzer. */

#include "harness/host.h"

/* The first invariant that does not hold, or NULL. */
static inline const char *weir_broken_invariant(const struct weir_inspection *r)
{
    const struct weir_hits *h = &r->hits;
    __u64 hits = h->found.w[0] | h->found.w[1] | h->noted.w[0] | h->noted.w[1];
    struct weir_policy policy;
    struct weir_decision d;

    if (r->pkt.outcome >= WEIR_OUTCOME_MAX)
        return "outcome in range";
    if (hits && !r->pkt.traits)
        return "no hit without a trait";
    if ((h->found.w[0] & h->noted.w[0]) | (h->found.w[1] & h->noted.w[1]))
        return "a row is found or noted, not both";
    if (h->evidence.row != weir_rows_first(&h->found))
        return "evidence is of the most specific row";
    if (weir_pkt_is_tcp(&r->pkt) && (r->pkt.payload_off < 34 && r->pkt.l3_off))
        return "payload behind the headers";
    if (weir_pkt_is_tcp(&r->pkt) &&
        r->pkt.payload_off - r->pkt.l4_off + r->pkt.payload_bytes != r->pkt.l4_len)
        return "header and payload make the segment";
    weir_policy_default(&policy, WEIR_MODE_ENFORCE);
    weir_decide(&d, h, &policy, &r->pkt);
    if (d.drop && d.row == WEIR_ROW_MAX)
        return "no drop without a finding";
    return NULL;
}

/* The core must not look behind the captured bytes: run the window again with other bytes there.
 * False when that changes what it says. */
static inline bool weir_blind_behind_capture(const struct weir_inspection *r, __u16 ethertype)
{
    struct weir_inspection other = { .window = r->window };

    memset(other.window.b + other.window.cap, 0xa5, sizeof(other.window.b) - other.window.cap);
    other.pkt.frame_bytes = r->pkt.frame_bytes;
    weir_host_parse(&other, ethertype);
    other.pkt.traits |= r->pkt.traits & (WEIR_TRAIT_TCP_CHECKSUM | WEIR_TRAIT_CHECKSUM_PENDING);
    other.pkt.link_flags = r->pkt.link_flags;
    return !memcmp(&other.pkt, &r->pkt, sizeof(r->pkt));
}
