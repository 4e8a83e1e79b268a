/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Xmas scan: FIN, PSH and URG without ACK (nmap -sX), or every flag at once. RFC 9293 3.10.7 has no
 * use for either; a closed port answers RST, an open one is silent. Snort 116:400, 116:401. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_scan_xmas(const struct weir_pkt *p, struct weir_evidence *e)
{
    const __u8 lit = WEIR_FIN | WEIR_PSH | WEIR_URG;

    (void)e;
    if (!(p->traits & WEIR_TRAIT_TCP_FLAGS) || !weir_pkt_is_tcp(p) ||
        !weir_has_all(p->tcp_flags, lit))
        return WEIR_MISS;
    if (p->tcp_flags & WEIR_ACK && !weir_has_all(p->tcp_flags, WEIR_SYN | WEIR_RST))
        return WEIR_MISS;
    return WEIR_HIT;
}
