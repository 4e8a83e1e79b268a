/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Old data again. What was acknowledged before is counted: a retransmission that was not needed,
 * as lost acknowledgements bring about. A finding is what no retransmission does, from the third in
 * 60 s, because networks do replay single segments: data more than a window behind (inequality
 * II), or acknowledged and carrying a timestamp a second older than the newest (a retransmission
 * carries a fresh one, RFC 7323 4.2). Suricata 2210021, 2210061, 2210047. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_replayed_segment(const struct weir_pkt *p,
                                                       const struct weir_track *t,
                                                       struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & (WEIR_FACT_REPLAYED | WEIR_FACT_SEQ_UNDER | WEIR_FACT_OLD_DATA)))
        return WEIR_MISS;
    weir_evidence_set(e, t->bound, t->value, 0);
    return t->strikes[WEIR_STRIKE_REPLAYED] >= WEIR_STRIKES_MANY ? WEIR_HIT : WEIR_NOTED;
}
