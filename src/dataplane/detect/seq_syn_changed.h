/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A SYN with another initial sequence number while the first one waits: a new attempt from the
 * same port. Suricata 2210008; Zeek SYN_seq_jump. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_syn_changed(const struct weir_pkt *p,
                                                  const struct weir_track *t,
                                                  struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_SYN_CHANGED))
        return WEIR_MISS;
    weir_evidence_set(e, t->bound, t->value, 0);
    return WEIR_HIT;
}
