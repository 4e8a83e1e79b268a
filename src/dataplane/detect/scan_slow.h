/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Slow scan: 15 contacts or more that failed within a day, and fewer within 15 minutes (nmap -T0,
 * -T1). Snort counts 600 s at most. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_scan_slow(const struct weir_pkt *p, const struct weir_track *t,
                                            struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_SCAN) || !(t->scan.rows & WEIR_SCAN_SLOW))
        return WEIR_MISS;
    weir_evidence_set(e, t->scan.failed, t->scan.score, 0);
    return WEIR_HIT;
}
