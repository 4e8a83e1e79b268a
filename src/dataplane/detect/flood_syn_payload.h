/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* SYN with payload and no Fast Open option (RFC 7413): what probes for TCP middlebox amplification
 * send (Bock et al., USENIX Security 2021). RFC 9293 3.4 lets a SYN carry data, no common client
 * does. Options that the capture cut off may hold it: not judged. Snort 129:2; Zeek SYN_with_data.
 */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_flood_syn_payload(const struct weir_pkt *p,
                                                    struct weir_evidence *e)
{
    if (!(p->traits & WEIR_TRAIT_SYN && p->outcome == WEIR_OUTCOME_TCP && p->payload_bytes &&
          (p->tcp_flags & (WEIR_SYN | WEIR_ACK | WEIR_RST | WEIR_FIN)) == WEIR_SYN &&
          !(p->options & WEIR_OPTION_FASTOPEN)))
        return WEIR_MISS;
    weir_evidence_set(e, p->payload_bytes, 0, 0);
    return WEIR_HIT;
}
