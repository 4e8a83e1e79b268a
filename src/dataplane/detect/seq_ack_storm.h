/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Each side answers the other's acknowledgement by one that says nothing new, 64 times in a row
 * on both sides and no data between: the loop that desynchronisation leaves behind (Joncheray,
 * USENIX Security 1995), or two challenge-ACKs chasing each other. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_ack_storm(const struct weir_pkt *p,
                                                const struct weir_track *t, struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_ACK_STORM))
        return WEIR_MISS;
    weir_evidence_set(e, t->bound, t->value, 0);
    return WEIR_HIT;
}
