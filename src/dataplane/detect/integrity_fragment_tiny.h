/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A first fragment that does not hold the TCP header: hides ports or flags from filters (RFC 1858 3
 * wants 16 bytes, which reach the flags; the whole header is asked for here, as in RFC 7112 5 for
 * IPv6). Snort 123:13; Zeek excessively_small_fragment. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_fragment_tiny(const struct weir_pkt *p,
                                                          struct weir_evidence *e)
{
    if (!(p->traits & WEIR_TRAIT_FRAGMENT && weir_pkt_claims_tcp(p) && p->fragment_more &&
          !p->fragment_off && (p->l4_len < 16 || p->outcome == WEIR_OUTCOME_TCP_HEAD)))
        return WEIR_MISS;
    weir_evidence_set(e, p->l4_len, 0, 0);
    return WEIR_HIT;
}
