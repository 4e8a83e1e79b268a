/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* IPv6 extension headers twice, hop-by-hop not first, more than eight, beyond the inspected window,
 * or not whole in the first fragment (RFC 8200 4.1, RFC 7112). Suricata 2200015 to 2200021; Snort
 * 116:296. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_ip6_headers(const struct weir_pkt *p,
                                                        struct weir_evidence *e)
{
    if (!(p->traits & WEIR_TRAIT_IP6_CHAIN))
        return WEIR_MISS;
    weir_evidence_set(e, p->bad_kind, p->ip6_headers, 0);
    return WEIR_HIT;
}
