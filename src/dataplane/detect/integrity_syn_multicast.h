/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* SYN to a multicast or broadcast address: TCP is unicast (RFC 9293 3.9.2.3 tells to discard it).
 * Snort 116:403. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_syn_multicast(const struct weir_pkt *p,
                                                          struct weir_evidence *e)
{
    (void)e;
    return p->traits & WEIR_TRAIT_DST_GROUP && p->traits & WEIR_TRAIT_SYN && weir_pkt_is_tcp(p)
               ? WEIR_HIT
               : WEIR_MISS;
}
