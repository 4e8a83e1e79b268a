/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* What a direction begins with is a protocol that weir knows, and not that of the port: SSH on 443,
 * HTTP on 25. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_payload_protocol_mismatch(const struct weir_pkt *p,
                                                            const struct weir_track *t,
                                                            struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_OTHER_PROTOCOL))
        return WEIR_MISS;
    weir_evidence_set(e, t->payload[0], t->payload[1], 0);
    return WEIR_HIT;
}
