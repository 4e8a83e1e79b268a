/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Data beyond its sender's own FIN. Snort 129:3; Zeek pending_data_when_closed. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_data_after_close(const struct weir_pkt *p,
                                                       const struct weir_track *t,
                                                       struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_DATA_AFTER_FIN))
        return WEIR_MISS;
    weir_evidence_set(e, t->bound, t->value, 0);
    return WEIR_HIT;
}
