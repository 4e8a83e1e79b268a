/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The connection was under way when it was first seen. Told once, when both sides have spoken.
 * Snort 129:20. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_midstream(const struct weir_pkt *p,
                                                const struct weir_track *t, struct weir_evidence *e)
{
    (void)p;
    (void)e;
    if (!(t->facts & WEIR_FACT_MIDSTREAM))
        return WEIR_MISS;
    return WEIR_HIT;
}
