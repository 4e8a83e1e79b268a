/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The same initial sequence number in 16 first contacts in a row: no TCP does that (RFC 6528), nmap
 * and other tools do. p0f seq- is the special case of zero. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_constant_isn(const struct weir_pkt *p,
                                                   const struct weir_track *t,
                                                   struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_SCAN) || !(t->scan.rows & WEIR_SCAN_CONSTANT_ISN))
        return WEIR_MISS;
    weir_evidence_set(e, t->scan.ports, t->scan.hosts, 0);
    return WEIR_HIT;
}
