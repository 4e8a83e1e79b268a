/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Sequential test (Jung et al. 2004): four first contacts more failed than succeeded. Retries of
 * one port are one contact. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_scan_sequential_test(const struct weir_pkt *p,
                                                       const struct weir_track *t,
                                                       struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_SCAN) || !(t->scan.rows & WEIR_SCAN_SEQUENTIAL))
        return WEIR_MISS;
    weir_evidence_set(e, t->scan.score, t->scan.failed, t->scan.opened);
    return WEIR_HIT;
}
