/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* RST with data: legal, the data tell why (RFC 9293 3.5.3). */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_rst_data(const struct weir_pkt *p,
                                                     struct weir_evidence *e)
{
    if (!(p->traits & WEIR_TRAIT_RST_DATA))
        return WEIR_MISS;
    weir_evidence_set(e, p->payload_bytes, 0, 0);
    return WEIR_HIT;
}
