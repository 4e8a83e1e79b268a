/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* FIN, PSH or URG on a segment that neither acknowledges nor opens nor resets. Snort 116:422. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_flags_without_ack(const struct weir_pkt *p,
                                                              struct weir_evidence *e)
{
    (void)e;
    return p->traits & WEIR_TRAIT_TCP_FLAGS && weir_pkt_is_tcp(p) &&
                   p->tcp_flags & (WEIR_FIN | WEIR_PSH | WEIR_URG) &&
                   !(p->tcp_flags & (WEIR_ACK | WEIR_SYN | WEIR_RST))
               ? WEIR_HIT
               : WEIR_MISS;
}
