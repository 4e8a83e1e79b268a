/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A packet from outside with an address of this machine as its source. The host knows its addresses
 * and sets the trait on ingress; not judged in replay, and not in a mirror (ERSPAN), which shows
 * this machine's own packets. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_own_address(const struct weir_pkt *p,
                                                        struct weir_evidence *e)
{
    (void)e;
    return p->traits & WEIR_TRAIT_SRC_OWN && weir_pkt_claims_tcp(p) &&
                   !(p->link_flags & WEIR_LINK_LOOPBACK) && !weir_pkt_is_mirrored(p)
               ? WEIR_HIT
               : WEIR_MISS;
}
