/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A FIN beyond the FIN before it, or outside the window. Suricata 2210016, 2210038, 2210032; Zeek
 * FIN_advanced_last_seq; Snort 129:16. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_invalid_fin(const struct weir_pkt *p,
                                                  const struct weir_track *t,
                                                  struct weir_evidence *e)
{
    if (!(t->facts & WEIR_FACT_FIN_INVALID) &&
        !(t->facts & WEIR_FACT_SEQ_OVER && p->tcp_flags & WEIR_FIN))
        return WEIR_MISS;
    weir_evidence_set(e, t->bound, t->value, 0);
    return WEIR_HIT;
}
