/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* SYN scan: answered SYN-ACKs that the client resets (nmap -sS), of a third contact or more, and
 * other contacts that failed or a scanner's header. Health checks of a load balancer reset as well,
 * but find what they ask for. Zeek scan.zeek is_failed_conn (history hR, ShR). */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_scan_half_open(const struct weir_pkt *p,
                                                 const struct weir_track *t,
                                                 struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_SCAN) || !(t->scan.rows & WEIR_SCAN_HALF_OPEN))
        return WEIR_MISS;
    weir_evidence_set(e, t->scan.half_reset, t->scan.ports, t->scan.failed);
    return WEIR_HIT;
}
