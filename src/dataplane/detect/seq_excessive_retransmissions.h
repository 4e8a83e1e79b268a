/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A side retransmitted ten segments or more; each one before is counted. Suricata 2210054, 2210053.
 */
#include "dataplane/hit.h"
#include "dataplane/track.h"

#define WEIR_RETRANSMISSIONS_MANY 10 /* Suricata: flowint of 2210054 */

WEIR_FN enum weir_hit weir_detect_seq_excessive_retransmissions(const struct weir_pkt *p,
                                                                const struct weir_track *t,
                                                                struct weir_evidence *e)
{
    (void)p;
    weir_evidence_set(e, t->retransmitted, 0, 0);
    if (t->retransmitted >= WEIR_RETRANSMISSIONS_MANY)
        return WEIR_HIT;
    return t->retransmitted ? WEIR_NOTED : WEIR_MISS;
}
