/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A segment without the timestamp that both SYNs agreed on (RFC 7323 3.2: it must not be
 * missing). Snort 129:14. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_timestamp_lost(const struct weir_pkt *p,
                                                     const struct weir_track *t,
                                                     struct weir_evidence *e)
{
    (void)p;
    (void)e;
    if (!(t->facts & WEIR_FACT_TIMESTAMP_LOST))
        return WEIR_MISS;
    return WEIR_HIT;
}
