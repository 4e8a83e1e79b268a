/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

#include "dataplane/flood.h"

/* SYN flood: SYNs beyond the limit of the service, of which more than half lead nowhere
 * (weir_turn_syn()). Suricata stream.3whs_syn_flood judges one connection. */
WEIR_FN enum weir_hit weir_detect_flood_syn(const struct weir_pkt *p, const struct weir_flood *f)
{
    (void)p;
    return weir_flood_hit(f, WEIR_SURGE_SYN);
}
