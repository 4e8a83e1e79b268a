/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The server sends data before the client acknowledged its SYN-ACK. Without Fast Open it cannot
 * (RFC 9293 3.10.7.4): somebody who saw the SYN answers faster than the server. In a capture the
 * acknowledgement may be missing: then it is told only while the data acknowledges no more than
 * the SYN. Suricata 2210057; Zeek data_before_established. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_early_data(const struct weir_pkt *p,
                                                 const struct weir_track *t,
                                                 struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_EARLY_DATA))
        return WEIR_MISS;
    weir_evidence_set(e, t->bound, t->value, 0);
    return WEIR_HIT;
}
