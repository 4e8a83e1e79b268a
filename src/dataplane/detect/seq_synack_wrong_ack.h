/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A SYN-ACK that does not acknowledge the SYN (RFC 9293 3.10.7.3 answers it by RST). Suricata
 * 2210007; Zeek bad_SYN_ack. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_synack_wrong_ack(const struct weir_pkt *p,
                                                       const struct weir_track *t,
                                                       struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_SYNACK_WRONG_ACK))
        return WEIR_MISS;
    weir_evidence_set(e, t->bound, t->value, 0);
    return WEIR_HIT;
}
