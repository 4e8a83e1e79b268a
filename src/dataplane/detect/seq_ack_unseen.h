/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Inequality III: it acknowledges what the other side did not send. In a capture up to a window
 * of data may be missing: then it is only counted. Suricata 2210029, 2210045. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_ack_unseen(const struct weir_pkt *p,
                                                 const struct weir_track *t,
                                                 struct weir_evidence *e)
{
    (void)p;
    weir_evidence_set(e, t->bound, t->value, 0);
    if (t->facts & WEIR_FACT_ACK_OVER)
        return WEIR_HIT;
    return t->facts & WEIR_FACT_ACK_GAP ? WEIR_NOTED : WEIR_MISS;
}
