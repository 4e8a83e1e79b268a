/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A second SYN-ACK for one SYN with another sequence or acknowledgement number: two hosts answer,
 * one of them a forger. Suricata 2210004, 2210005, 2210055. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_synack_changed(const struct weir_pkt *p,
                                                     const struct weir_track *t,
                                                     struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_SYNACK_CHANGED))
        return WEIR_MISS;
    weir_evidence_set(e, t->bound, t->value, 0);
    return WEIR_HIT;
}
