/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Decoy scan: within a second the same SYN from two sources, equal in its own port, sequence
 * number, window, target and port (nmap -D repeats one probe from every decoy). Which of them is
 * real it does not tell: the others are forged, and none is to be banned for it. Snort 122:2,
 * 122:6. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_scan_decoy(const struct weir_pkt *p, const struct weir_track *t,
                                             struct weir_evidence *e)
{
    (void)p;
    (void)e;
    if (!(t->facts & WEIR_FACT_SCAN) || !(t->scan.rows & WEIR_SCAN_DECOY))
        return WEIR_MISS;
    return WEIR_HIT;
}
