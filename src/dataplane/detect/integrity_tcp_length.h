/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Segment shorter than a TCP header, data offset below 5, or beyond the segment (RFC 9293 3.1).
 * Suricata 2200033, 2200034; Snort 116:45 to 116:47. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_tcp_length(const struct weir_pkt *p,
                                                       struct weir_evidence *e)
{
    if (!(p->traits & WEIR_TRAIT_TCP_LENGTH))
        return WEIR_MISS;
    weir_evidence_set(e, p->tcp_header, p->l4_len, 0);
    return WEIR_HIT;
}
