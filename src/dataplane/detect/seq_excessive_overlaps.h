/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Segments that begin inside what was sent and end beyond it, 64 of them in 60 s: retransmission
 * repeats boundaries or drops them once, evasion draws new ones each time. Snort 129:7. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

#define WEIR_OVERLAPS_MANY 64

WEIR_FN enum weir_hit weir_detect_seq_excessive_overlaps(const struct weir_pkt *p,
                                                         const struct weir_track *t,
                                                         struct weir_evidence *e)
{
    (void)p;
    weir_evidence_set(e, t->strikes[WEIR_STRIKE_OVERLAP], 0, 0);
    return t->strikes[WEIR_STRIKE_OVERLAP] >= WEIR_OVERLAPS_MANY ? WEIR_HIT : WEIR_MISS;
}
