/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Fragment fields that contradict each other on TCP: DF on a later fragment, a fragment without
 * bytes, or one that is not the last and not a multiple of 8 bytes (RFC 791 3.2, RFC 8200 4.5). DF
 * on a first fragment happens (Zeek says so of fragment_with_DF) and is only counted. Snort
 * 116:405, 116:430, 116:459. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_fragment_bits(const struct weir_pkt *p,
                                                          struct weir_evidence *e)
{
    bool contradicts;

    if (!(p->traits & WEIR_TRAIT_FRAGMENT) || !weir_pkt_claims_tcp(p))
        return WEIR_MISS;
    contradicts = (p->fragment_df && p->fragment_off) || !p->fragment_bytes ||
                  (p->fragment_more && p->fragment_bytes & 7);
    if (!contradicts)
        return p->fragment_df ? WEIR_NOTED : WEIR_MISS;
    weir_evidence_set(e, p->fragment_off, p->fragment_bytes, 0);
    return WEIR_HIT;
}
