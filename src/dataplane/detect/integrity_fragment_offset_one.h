/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A fragment at offset 8, inside the TCP header: rewrites flags behind a filter's back (RFC 1858 4,
 * RFC 3128). */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_fragment_offset_one(const struct weir_pkt *p,
                                                                struct weir_evidence *e)
{
    (void)e;
    return p->traits & WEIR_TRAIT_FRAGMENT && weir_pkt_claims_tcp(p) && p->fragment_off == 8
               ? WEIR_HIT
               : WEIR_MISS;
}
