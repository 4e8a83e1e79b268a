/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* TCP port 0, which is reserved (RFC 6335 6). Snort 116:446. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_port_zero(const struct weir_pkt *p,
                                                      struct weir_evidence *e)
{
    (void)e;
    return p->traits & WEIR_TRAIT_PORT_ZERO && weir_pkt_is_tcp(p) ? WEIR_HIT : WEIR_MISS;
}
