/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A side's frames come with other MAC addresses than before: another router, or another sender.
 * Snort 129:9, 129:10. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_link_address_changed(const struct weir_pkt *p,
                                                           const struct weir_track *t,
                                                           struct weir_evidence *e)
{
    (void)p;
    (void)e;
    if (!(t->facts & WEIR_FACT_LINK_CHANGED))
        return WEIR_MISS;
    return WEIR_HIT;
}
