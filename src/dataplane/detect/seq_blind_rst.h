/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* RSTs on an open connection whose sequence number is not the next one (RFC 5961 3.2: dropped
 * outside the window, challenged inside). One is what a host sends that lost its state; the third
 * in ten seconds is a search. Snort 129:15; Suricata 2210046. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_blind_rst(const struct weir_pkt *p,
                                                const struct weir_track *t, struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & (WEIR_FACT_RST_INEXACT | WEIR_FACT_RST_OUTSIDE)))
        return WEIR_MISS;
    weir_evidence_set(e, t->bound, t->value, 0);
    return t->strikes[WEIR_STRIKE_RST] >= WEIR_STRIKES_MANY ? WEIR_HIT : WEIR_NOTED;
}
