/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* More than two VLAN tags: 802.1ad nests two. What is inside is not inspected.
 * Suricata 2200091, 2200116; Snort 116:472. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_encapsulation_depth(const struct weir_pkt *p,
                                                                struct weir_evidence *e)
{
    if (!(p->traits & WEIR_TRAIT_VLAN_DEPTH))
        return WEIR_MISS;
    weir_evidence_set(e, p->vlans + 1U, 0, 0);
    return WEIR_HIT;
}
