/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The right edge of the window moved left without an acknowledgement (RFC 9293 3.8.6:
 * discouraged). Suricata 2210056; Zeek window_recision. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_window_shrunk(const struct weir_pkt *p,
                                                    const struct weir_track *t,
                                                    struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_WINDOW_SHRUNK))
        return WEIR_MISS;
    weir_evidence_set(e, t->bound, t->value, 0);
    return WEIR_HIT;
}
