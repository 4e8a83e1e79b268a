/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Vertical scan: 15 ports or more of few hosts in 15 minutes that did not complete a handshake,
 * with at least one refusal, or a quarter of a second without any answer (Zeek scan.zeek: 15
 * ports). Snort 122:1, 122:5, Zeek Port_Scan. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_scan_vertical(const struct weir_pkt *p,
                                                const struct weir_track *t, struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_SCAN) || !(t->scan.rows & WEIR_SCAN_VERTICAL))
        return WEIR_MISS;
    weir_evidence_set(e, t->scan.ports, t->scan.failed, t->scan.opened);
    return WEIR_HIT;
}
