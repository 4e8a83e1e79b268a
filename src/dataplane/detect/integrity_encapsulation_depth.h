/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* More layers than there is a use for: a third VLAN tag (802.1ad nests two), a tunnel in a tunnel
 * in a tunnel, a seventeenth MPLS label. What is inside is not inspected. Suricata 2200091,
 * 2200116; Snort 116:472. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"
#include "dataplane/tunnel_link.h"

WEIR_FN enum weir_hit weir_detect_integrity_encapsulation_depth(const struct weir_pkt *p,
                                                                struct weir_evidence *e)
{
    if (p->traits & WEIR_TRAIT_LABEL_DEPTH)
        weir_evidence_set(e, WEIR_MPLS_LABELS_MAX + 1, 0, 0);
    else if (p->traits & (WEIR_TRAIT_VLAN_DEPTH | WEIR_TRAIT_TUNNEL_DEPTH))
        weir_evidence_set(e, WEIR_TUNNELS_MAX + 1, 0, 0);
    else
        return WEIR_MISS;
    return WEIR_HIT;
}
