/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Loose or strict source route (RFC 791 3.1), which RFC 7126 4.3 and 4.4 tell to drop.
 * Snort 116:444. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_source_route(const struct weir_pkt *p,
                                                         struct weir_evidence *e)
{
    (void)e;
    return (p->traits & WEIR_TRAIT_IP4_OPTION_ROUTE) ? WEIR_HIT : WEIR_MISS;
}
