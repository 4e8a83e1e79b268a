/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* IPv6 routing header type 0: source routing, deprecated for its amplification (RFC 5095).
 * Suricata 2200093; Snort 116:461. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_ip6_rh0(const struct weir_pkt *p,
                                                    struct weir_evidence *e)
{
    (void)e;
    return (p->traits & WEIR_TRAIT_IP6_RH0) ? WEIR_HIT : WEIR_MISS;
}
