/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Connect scan: completed connections that carry nothing (nmap -sT), of a third contact or more and
 * more of them than of others, while other contacts fail. Snort 122:1. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_scan_connect(const struct weir_pkt *p, const struct weir_track *t,
                                               struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_SCAN) || !(t->scan.rows & WEIR_SCAN_CONNECT))
        return WEIR_MISS;
    weir_evidence_set(e, t->scan.bare, t->scan.ports, t->scan.failed);
    return WEIR_HIT;
}
