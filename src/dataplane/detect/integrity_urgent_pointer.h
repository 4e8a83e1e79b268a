/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* URG without data or pointing behind the segment's data, or a pointer without URG (RFC 9293 3.8.5,
 * RFC 6093). Snort 116:419. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_urgent_pointer(const struct weir_pkt *p,
                                                           struct weir_evidence *e)
{
    if (!(p->traits & WEIR_TRAIT_URGENT && weir_pkt_is_tcp(p) &&
          (!(p->tcp_flags & WEIR_URG) || !p->payload_bytes || p->urgent > p->payload_bytes)))
        return WEIR_MISS;
    weir_evidence_set(e, p->urgent, p->payload_bytes, 0);
    return WEIR_HIT;
}
