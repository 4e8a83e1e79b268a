/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The server acknowledges the SYN but not the data in it (RFC 7413 4.2.2: it may; the client
 * sends it again). Suricata 2210064. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_tfo_anomaly(const struct weir_pkt *p,
                                                  const struct weir_track *t,
                                                  struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_TFO_ANOMALY))
        return WEIR_MISS;
    weir_evidence_set(e, t->bound, t->value, 0);
    return WEIR_HIT;
}
