/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Distributed scan: a hundred contacts of one address that failed, on fifteen ports or more, by ten
 * sources or more, none of which need be told by itself. Told once while it goes on, on a packet of
 * one of them. Snort 122:4, 122:8. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_scan_distributed(const struct weir_pkt *p,
                                                   const struct weir_track *t,
                                                   struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_SCAN) || !(t->scan.rows & WEIR_SCAN_DISTRIBUTED))
        return WEIR_MISS;
    weir_evidence_set(e, t->scan.sources, t->scan.target_ports, t->scan.target_failed);
    return WEIR_HIT;
}
