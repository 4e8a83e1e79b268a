/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Inequality IV: it acknowledges further back than a window (RFC 5961 5.2). Suricata 2210045. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_ack_old(const struct weir_pkt *p, const struct weir_track *t,
                                              struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_ACK_UNDER))
        return WEIR_MISS;
    weir_evidence_set(e, t->bound, t->value, 0);
    return WEIR_HIT;
}
