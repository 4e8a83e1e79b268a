/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Acknowledgement number without ACK: seen from careless stacks. Suricata 2210051, off by default.
 */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_ack_without_flag(const struct weir_pkt *p,
                                                             struct weir_evidence *e)
{
    (void)e;
    return (p->traits & WEIR_TRAIT_ACK_UNFLAGGED) ? WEIR_HIT : WEIR_MISS;
}
