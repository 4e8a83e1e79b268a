/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Horizontal scan: 25 hosts or more on at most 3 ports in 15 minutes, most of which complete no
 * handshake, with refusals or a second of silence (Zeek scan.zeek: 25 hosts). Snort 122:3, 122:7,
 * Zeek Address_Scan. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_scan_horizontal(const struct weir_pkt *p,
                                                  const struct weir_track *t,
                                                  struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_SCAN) || !(t->scan.rows & WEIR_SCAN_HORIZONTAL))
        return WEIR_MISS;
    weir_evidence_set(e, t->scan.hosts, t->scan.failed, t->scan.opened);
    return WEIR_HIT;
}
