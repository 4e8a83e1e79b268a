/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* TTL or hop limit 0 on TCP: no router passes it on (RFC 1812 5.3.1), so the sender made it. TTL 1
 * is only counted: single-hop eBGP sends it. Snort 116:404, 116:428. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_ttl(const struct weir_pkt *p, struct weir_evidence *e)
{
    if (!(p->traits & WEIR_TRAIT_TTL) || !weir_pkt_claims_tcp(p))
        return WEIR_MISS;
    if (p->ttl)
        return WEIR_NOTED;
    weir_evidence_set(e, p->ttl, 0, 0);
    return WEIR_HIT;
}
