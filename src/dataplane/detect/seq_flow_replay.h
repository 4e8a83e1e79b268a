/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A whole connection again: a SYN between the ends, and with the initial sequence number, of one
 * that reached its SYN-ACK. A client draws the number anew for every attempt, so that it meets an
 * old one by chance once in 2^32. A retransmitted SYN is none: it stops when the SYN-ACK comes
 * (three seconds are allowed for a copy that the network delayed). */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_flow_replay(const struct weir_pkt *p,
                                                  const struct weir_track *t,
                                                  struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_FLOW_REPLAY))
        return WEIR_MISS;
    weir_evidence_set(e, t->bound, t->value, 0);
    return WEIR_HIT;
}
