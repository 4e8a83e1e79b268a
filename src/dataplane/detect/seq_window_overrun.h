/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Inequality I alone fails, by no more than a window: senders that overrun, or a window update
 * that was not seen. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_window_overrun(const struct weir_pkt *p,
                                                     const struct weir_track *t,
                                                     struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_OVERRUN))
        return WEIR_MISS;
    weir_evidence_set(e, t->bound, t->value, 0);
    return WEIR_HIT;
}
