/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The same bytes of the stream with two contents: what both winners and losers of an injection
 * race leave behind (QUANTUM INSERT). Suricata 2210050 reassembly_overlap_different_data; Zeek
 * rexmit_inconsistency. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_overlap_conflict(const struct weir_pkt *p,
                                                       const struct weir_track *t,
                                                       struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_OVERLAP_CONFLICT))
        return WEIR_MISS;
    weir_evidence_set(e, t->conflict_at, t->conflict_bytes, 0);
    return WEIR_HIT;
}
