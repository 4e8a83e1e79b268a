/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* IPv4 options malformed or twice (of any packet), or record route and timestamp on TCP, which tell
 * the path (RFC 791 3.1, RFC 7126). Suricata 2200004 to 2200010; Snort 116:4, 116:5. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_ip_options(const struct weir_pkt *p,
                                                       struct weir_evidence *e)
{
    bool traced = p->traits & WEIR_TRAIT_IP4_OPTION_TRACE && weir_pkt_claims_tcp(p);

    if (!traced && !(p->traits & WEIR_TRAIT_IP4_OPTION_BAD))
        return WEIR_MISS;
    weir_evidence_set(e, p->bad_kind, 0, 0);
    return WEIR_HIT;
}
