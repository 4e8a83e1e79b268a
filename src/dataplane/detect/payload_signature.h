/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A pattern of the policy (payload.patterns) whose action is alert; noted when it is count. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_payload_signature(const struct weir_pkt *p,
                                                    const struct weir_track *t,
                                                    struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & (WEIR_FACT_SIGNATURE_COUNT | WEIR_FACT_SIGNATURE_ALERT)))
        return WEIR_MISS;
    weir_evidence_set(e, t->signature[0], t->signature[1], 0);
    return t->facts & WEIR_FACT_SIGNATURE_ALERT ? WEIR_HIT : WEIR_NOTED;
}
