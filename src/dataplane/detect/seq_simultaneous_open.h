/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Both ends send a SYN (RFC 9293 3.5, figure 7). Suricata 2210011 to 2210014; Zeek
 * simultaneous_open; Snort 129:13. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_simultaneous_open(const struct weir_pkt *p,
                                                        const struct weir_track *t,
                                                        struct weir_evidence *e)
{
    (void)p;
    (void)e;
    if (!(t->facts & WEIR_FACT_SIMULTANEOUS))
        return WEIR_MISS;
    return WEIR_HIT;
}
