/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A bit between data offset and CWR: reserved, or AE of AccECN (RFC 9293 3.1, RFC 9768). */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_tcp_reserved_bits(const struct weir_pkt *p,
                                                              struct weir_evidence *e)
{
    if (!(p->traits & WEIR_TRAIT_TCP_RESERVED))
        return WEIR_MISS;
    weir_evidence_set(e, p->tcp_reserved, 0, 0);
    return WEIR_HIT;
}
