/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The frame or the payload length ends inside the IPv6 headers (RFC 8200 3). Of any IPv6 packet.
 * Suricata 2200012 to 2200014; Snort 116:272 to 116:275. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_ip6_length(const struct weir_pkt *p,
                                                       struct weir_evidence *e)
{
    if (!(p->traits & WEIR_TRAIT_IP6_LENGTH))
        return WEIR_MISS;
    weir_evidence_set(e, p->ip_bytes ? p->ip_bytes - 40 : 0, p->frame_bytes, 0);
    return WEIR_HIT;
}
