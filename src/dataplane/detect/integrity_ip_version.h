/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The version nibble contradicts the link layer's protocol field. Of any IP packet: such a header
 * cannot be trusted to say what it carries. Suricata 2200011, 2200022; Snort 116:1, 116:271. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_ip_version(const struct weir_pkt *p,
                                                       struct weir_evidence *e)
{
    if (!(p->traits & WEIR_TRAIT_IP_VERSION))
        return WEIR_MISS;
    weir_evidence_set(e, p->bad_kind, 0, 0);
    return WEIR_HIT;
}
