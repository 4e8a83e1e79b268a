/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* IPv4 header length below 20 or beyond the total length, or the frame ends inside a header (RFC
 * 791 3.1). Of any IPv4 packet. Suricata 2200000 to 2200003; Snort 116:2, 116:3, 116:6. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_ip_length(const struct weir_pkt *p,
                                                      struct weir_evidence *e)
{
    if (!(p->traits & WEIR_TRAIT_IP4_LENGTH))
        return WEIR_MISS;
    weir_evidence_set(e, p->l4_off ? p->l4_off - p->l3_off : 0, p->ip_bytes, p->frame_bytes);
    return WEIR_HIT;
}
