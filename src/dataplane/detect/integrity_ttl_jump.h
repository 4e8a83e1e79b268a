/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Data or an RST with a TTL five or more away from its sender's first packet: another host, or
 * one packet made to die on the way. Snort 123:11. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_integrity_ttl_jump(const struct weir_pkt *p,
                                                     const struct weir_track *t,
                                                     struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_TTL_JUMP))
        return WEIR_MISS;
    weir_evidence_set(e, t->bound, t->value, 0);
    return WEIR_HIT;
}
