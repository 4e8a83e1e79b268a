/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The client completes a handshake by acknowledging a number that the server did not send:
 * evasion, a blind client, or a replay against the new SYN-ACK. RFC 9293 3.10.7.4 (SYN-RECEIVED)
 * answers it by RST. Suricata 2210002, 2210010. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_handshake_wrong_ack(const struct weir_pkt *p,
                                                          const struct weir_track *t,
                                                          struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_HANDSHAKE_WRONG_ACK))
        return WEIR_MISS;
    weir_evidence_set(e, t->bound, t->value, 0);
    return WEIR_HIT;
}
