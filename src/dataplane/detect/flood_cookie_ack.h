/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

#include "dataplane/flood.h"

/* Acknowledgements of cookies that nobody sent: each costs the listener two hashes and an RST. */
WEIR_FN enum weir_hit weir_detect_flood_cookie_ack(const struct weir_pkt *p,
                                                   const struct weir_flood *f)
{
    (void)p;
    return weir_flood_hit(f, WEIR_SURGE_COOKIE_ACK);
}
