/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Maimon scan: FIN+ACK to ports without a connection (nmap -sM). From the third port on when resets
 * answer, else from the eighth that nobody answers. Not judged towards higher ports: who begins to
 * watch amid connections sees servers close them. Suricata 2210037, Zeek spontaneous_FIN. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_scan_maimon(const struct weir_pkt *p, const struct weir_track *t,
                                              struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_SCAN) || !(t->scan.rows & WEIR_SCAN_MAIMON))
        return WEIR_MISS;
    weir_evidence_set(e, t->scan.strays, t->scan.refused, 0);
    return WEIR_HIT;
}
