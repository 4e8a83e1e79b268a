/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* LAND: source and destination address and port the same. On loopback a socket may connect to
 * itself. Snort 116:151. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_land(const struct weir_pkt *p, struct weir_evidence *e)
{
    (void)e;
    return p->traits & WEIR_TRAIT_SAME_ADDR && weir_pkt_is_tcp(p) && p->sport == p->dport &&
                   !(p->link_flags & WEIR_LINK_LOOPBACK)
               ? WEIR_HIT
               : WEIR_MISS;
}
