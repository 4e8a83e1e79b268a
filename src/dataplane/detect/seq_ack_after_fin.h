/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* It acknowledges more than the other side sent, behind that side's FIN. Suricata 2210015 to
 * 2210019, 2210030 to 2210043; Snort 129:17. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_ack_after_fin(const struct weir_pkt *p,
                                                    const struct weir_track *t,
                                                    struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_ACK_AFTER_FIN))
        return WEIR_MISS;
    weir_evidence_set(e, t->bound, t->value, 0);
    return WEIR_HIT;
}
