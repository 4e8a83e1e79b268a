/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A SYN-ACK on an open connection, or from its client. The server's own SYN-ACK once more is a
 * retransmission whose acknowledgement was lost: counted. Suricata 2210022 to 2210025, 2210003;
 * Zeek connection_originator_SYN_ack. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_synack_in_connection(const struct weir_pkt *p,
                                                           const struct weir_track *t,
                                                           struct weir_evidence *e)
{
    (void)p;
    weir_evidence_set(e, t->bound, t->value, 0);
    if (t->facts & WEIR_FACT_SYNACK_STRAY)
        return WEIR_HIT;
    return t->facts & WEIR_FACT_SYNACK_AGAIN ? WEIR_NOTED : WEIR_MISS;
}
