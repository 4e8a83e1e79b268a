/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Any other combination outside nf_conntrack's tcp_valid_flags: RST with FIN, RST with URG, SYN-ACK
 * with URG. Conntrack: "invalid tcp flag combination". */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_flags_illegal(const struct weir_pkt *p,
                                                          struct weir_evidence *e)
{
    (void)e;
    return p->traits & WEIR_TRAIT_TCP_FLAGS && weir_pkt_is_tcp(p) &&
                   p->tcp_flags & (WEIR_SYN | WEIR_ACK | WEIR_RST) &&
                   !weir_has_all(p->tcp_flags, WEIR_SYN | WEIR_FIN) &&
                   !weir_has_all(p->tcp_flags, WEIR_SYN | WEIR_RST)
               ? WEIR_HIT
               : WEIR_MISS;
}
