/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A SYN between the ends of a connection that was closed, with a sequence number not beyond it
 * and no newer timestamp: TIME-WAIT would refuse it (RFC 9293 3.6.1,
 * tcp_timewait_state_process()). Suricata 2210049, 2210060; Zeek premature_connection_reuse. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_tuple_reuse(const struct weir_pkt *p,
                                                  const struct weir_track *t,
                                                  struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_TUPLE_REUSE))
        return WEIR_MISS;
    weir_evidence_set(e, t->bound, t->value, 0);
    return WEIR_HIT;
}
