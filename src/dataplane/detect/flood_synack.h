/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

#include "dataplane/flood.h"

/* SYN-ACKs that answer no SYN: reflected from third parties. Zeek unsolicited_SYN_response. */
WEIR_FN enum weir_hit weir_detect_flood_synack(const struct weir_pkt *p, const struct weir_flood *f)
{
    (void)p;
    return weir_flood_hit(f, WEIR_SURGE_SYNACK);
}
