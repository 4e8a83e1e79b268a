/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* NULL scan: no flag at all (nmap -sN). ECN bits do not count: nmap and its like leave them clear,
 * and a sender of neither SYN, ACK nor RST has no use for them. Snort 116:423. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_scan_null(const struct weir_pkt *p, struct weir_evidence *e)
{
    (void)e;
    return p->traits & WEIR_TRAIT_TCP_FLAGS && weir_pkt_is_tcp(p) &&
                   !(p->tcp_flags &
                     (WEIR_FIN | WEIR_SYN | WEIR_RST | WEIR_PSH | WEIR_ACK | WEIR_URG))
               ? WEIR_HIT
               : WEIR_MISS;
}
