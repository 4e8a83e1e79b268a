/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A SYN on an open connection; RFC 5961 4.2 answers it by a challenge. A client that restarted
 * sends one or two: a finding from the third in 60 s. Suricata 2210026, 2210027; Zeek
 * SYN_inside_connection; Snort 129:1. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_syn_in_connection(const struct weir_pkt *p,
                                                        const struct weir_track *t,
                                                        struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_SYN_INSIDE))
        return WEIR_MISS;
    weir_evidence_set(e, t->bound, t->value, 0);
    return t->strikes[WEIR_STRIKE_SYN] >= WEIR_STRIKES_MANY ? WEIR_HIT : WEIR_NOTED;
}
