/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* None of SYN, ACK and RST: no state of RFC 9293 3.10.7 accepts it. Snort 116:423, 129:11. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_no_flags(const struct weir_pkt *p,
                                                     struct weir_evidence *e)
{
    (void)e;
    return p->traits & WEIR_TRAIT_TCP_FLAGS && weir_pkt_is_tcp(p) &&
                   !(p->tcp_flags & (WEIR_SYN | WEIR_ACK | WEIR_RST))
               ? WEIR_HIT
               : WEIR_MISS;
}
