/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The IP length reaches beyond the frame while the TCP header is whole (Zeek
 * truncated_tcp_payload). A capture's snap length is not meant: the frame's length on the wire is
 * what counts. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_truncated(const struct weir_pkt *p,
                                                      struct weir_evidence *e)
{
    const __u64 cut = WEIR_TRAIT_IP4_LENGTH | WEIR_TRAIT_IP6_LENGTH;

    if (!(p->traits & WEIR_TRAIT_TRUNCATED) || p->traits & cut || !weir_pkt_claims_tcp(p))
        return WEIR_MISS;
    weir_evidence_set(e, p->ip_bytes, p->frame_bytes, 0);
    return WEIR_HIT;
}
