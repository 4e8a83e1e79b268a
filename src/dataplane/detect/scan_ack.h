/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* ACK and Window scan: ACK alone to ports without a connection (nmap -sA, -sW), which differ only
 * in what the scanner reads from the resets. From the third port on when resets answer, else from
 * the eighth that nobody answers. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_scan_ack(const struct weir_pkt *p, const struct weir_track *t,
                                           struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_SCAN) || !(t->scan.rows & WEIR_SCAN_ACK))
        return WEIR_MISS;
    weir_evidence_set(e, t->scan.strays, t->scan.refused, 0);
    return WEIR_HIT;
}
