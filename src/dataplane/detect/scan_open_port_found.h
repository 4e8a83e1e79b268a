/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A scanner found an open port: it resets the SYN-ACK, or ends the connection without a byte. The
 * packet names the port. Snort 122:27. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_scan_open_port_found(const struct weir_pkt *p,
                                                       const struct weir_track *t,
                                                       struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_SCAN) || !(t->scan.rows & WEIR_SCAN_OPEN_PORT))
        return WEIR_MISS;
    weir_evidence_set(e, t->scan.ports, t->scan.failed, 0);
    return WEIR_HIT;
}
