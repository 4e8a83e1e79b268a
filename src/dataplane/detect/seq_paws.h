/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* New data with a timestamp older than the newest one taken: Protection Against Wrapped Sequences
 * (RFC 7323 5.3) with the exemptions of tcp_paws_discard(). A finding from the third in 60 s.
 * Suricata 2210044; Snort 129:4. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_paws(const struct weir_pkt *p, const struct weir_track *t,
                                           struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_PAWS))
        return WEIR_MISS;
    weir_evidence_set(e, t->bound, t->value, 0);
    return t->strikes[WEIR_STRIKE_PAWS] >= WEIR_STRIKES_MANY ? WEIR_HIT : WEIR_NOTED;
}
