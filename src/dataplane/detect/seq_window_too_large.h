/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A window beyond what policy allows (limits.window; none unless given). Snort 129:6. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_window_too_large(const struct weir_pkt *p,
                                                       const struct weir_track *t,
                                                       struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_WINDOW_LARGE))
        return WEIR_MISS;
    weir_evidence_set(e, t->bound, t->value, 0);
    return WEIR_HIT;
}
