/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A fragment that covers bytes which another of the same datagram has brought, and is not the same
 * once more. RFC 5722: the datagram is to be discarded. Suricata 2200070, 2200072; Zeek
 * fragment_overlap; Snort 123:2, 123:8. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_integrity_fragment_overlap(const struct weir_pkt *p,
                                                             const struct weir_track *t,
                                                             struct weir_evidence *e)
{
    if (!(t->facts & WEIR_FACT_FRAGMENT_OVERLAP))
        return WEIR_MISS;
    weir_evidence_set(e, p->fragment_off, p->fragment_bytes, 0);
    return WEIR_HIT;
}
