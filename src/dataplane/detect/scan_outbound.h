/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A host on our side scans outward: 25 ports of few hosts, or 100 hosts on at most 3 ports, most of
 * which do not answer. Higher than for strangers, because what users and peers of theirs do fails
 * more often (simple-scan has local thresholds, too). */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_scan_outbound(const struct weir_pkt *p,
                                                const struct weir_track *t, struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_SCAN) || !(t->scan.rows & WEIR_SCAN_OUTBOUND))
        return WEIR_MISS;
    weir_evidence_set(e, t->scan.ports, t->scan.hosts, t->scan.failed);
    return WEIR_HIT;
}
