/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* TCP port 0, which is reserved (RFC 6335 6). Snort 116:446. A reset from port 0 is what its host
 * owes to a segment sent there (RFC 9293 3.10.7.1): the finding is about the one who sent it, and
 * the answer is only counted. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_port_zero(const struct weir_pkt *p,
                                                      struct weir_evidence *e)
{
    (void)e;
    if (!(p->traits & WEIR_TRAIT_PORT_ZERO && weir_pkt_is_tcp(p)))
        return WEIR_MISS;
    return p->tcp_flags & WEIR_RST && p->dport ? WEIR_NOTED : WEIR_HIT;
}
