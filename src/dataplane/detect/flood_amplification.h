/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

#include "dataplane/flood.h"

/* Data from a web server's port to nobody: the answers of middleboxes to forged requests (Bock et
 * al., USENIX Security 2021). */
WEIR_FN enum weir_hit weir_detect_flood_amplification(const struct weir_pkt *p,
                                                      const struct weir_flood *f)
{
    (void)p;
    return weir_flood_hit(f, WEIR_SURGE_AMPLIFICATION);
}
