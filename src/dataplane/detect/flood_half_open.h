/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

#include "dataplane/flood.h"

/* Half-open handshakes fill the listener's queue, however slowly they come (weir_turn_half_open()):
 * RFC 4987 2. */
WEIR_FN enum weir_hit weir_detect_flood_half_open(const struct weir_pkt *p,
                                                  const struct weir_flood *f)
{
    (void)p;
    return weir_flood_hit(f, WEIR_SURGE_HALF_OPEN);
}
