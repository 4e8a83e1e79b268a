/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Within five seconds of an RST its sender goes on with data beyond it: the RST was another's.
 * Suricata 2210058 suspected_rst_inject; Zeek data_after_reset; Snort 129:8, 129:18. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_injected_rst(const struct weir_pkt *p,
                                                   const struct weir_track *t,
                                                   struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_DATA_AFTER_RST))
        return WEIR_MISS;
    weir_evidence_set(e, t->bound, t->value, 0);
    return WEIR_HIT;
}
