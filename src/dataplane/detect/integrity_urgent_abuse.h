/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Three segments with urgent data among the first bytes of a direction that are looked at. A
 * receiver takes the urgent byte out of the stream unless it asked otherwise (RFC 6093 3.1), so
 * that one who watches cannot tell what it reads. Suricata 2210066. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_integrity_urgent_abuse(const struct weir_pkt *p,
                                                         const struct weir_track *t,
                                                         struct weir_evidence *e)
{
    if (!(t->facts & WEIR_FACT_URGENT_ABUSE))
        return WEIR_MISS;
    weir_evidence_set(e, WEIR_URGENT_MANY, p->urgent, 0);
    return WEIR_HIT;
}
