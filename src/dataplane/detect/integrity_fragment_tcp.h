/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Any fragment of TCP but an atomic one: TCP avoids fragmentation (RFC 9293 3.7.5), yet paths cause
 * it. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_fragment_tcp(const struct weir_pkt *p,
                                                         struct weir_evidence *e)
{
    if (!(p->traits & WEIR_TRAIT_FRAGMENT && weir_pkt_claims_tcp(p) &&
          (p->fragment_more || p->fragment_off)))
        return WEIR_MISS;
    weir_evidence_set(e, p->fragment_off, 0, 0);
    return WEIR_HIT;
}
