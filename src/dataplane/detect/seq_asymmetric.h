/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Sixteen packets of one side and none of the other: half of the path is elsewhere. Suricata
 * 2210001; Zeek possible_split_routing. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_asymmetric(const struct weir_pkt *p,
                                                 const struct weir_track *t,
                                                 struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_ASYMMETRIC))
        return WEIR_MISS;
    weir_evidence_set(e, t->bound, 0, 0);
    return WEIR_HIT;
}
