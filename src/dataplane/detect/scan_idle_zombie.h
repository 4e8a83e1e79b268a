/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Idle scan in which a host of ours is to be the zombie: SYN-ACKs of no connection to one or two
 * ports, which resets answer, so that the sender reads from their IP IDs what others send us (nmap
 * -sI). What a forged SYN brought upon us comes from the port of a service; these come from
 * ephemeral ones. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_scan_idle_zombie(const struct weir_pkt *p,
                                                   const struct weir_track *t,
                                                   struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_SCAN) || !(t->scan.rows & WEIR_SCAN_IDLE_ZOMBIE))
        return WEIR_MISS;
    weir_evidence_set(e, t->scan.refused, 0, 0);
    return WEIR_HIT;
}
