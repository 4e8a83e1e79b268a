/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Sixteen segments in a row of at most eight bytes, within the first bytes of a direction that are
 * looked at: how text is kept out of any one packet. Terminals over telnet send keystrokes so.
 * Snort 129:12 leaves the numbers to its user. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_payload_tiny_segments(const struct weir_pkt *p,
                                                        const struct weir_track *t,
                                                        struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_TINY))
        return WEIR_MISS;
    weir_evidence_set(e, t->payload[0], t->payload[1], 0);
    return WEIR_HIT;
}
