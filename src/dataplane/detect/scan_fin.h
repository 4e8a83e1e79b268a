/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* FIN scan: FIN alone (nmap -sF). Every FIN of a connection carries ACK (RFC 9293 3.10.4: all
 * segments after the handshake do). Snort 116:422, 116:423; Zeek spontaneous_FIN. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_scan_fin(const struct weir_pkt *p, struct weir_evidence *e)
{
    (void)e;
    return p->traits & WEIR_TRAIT_TCP_FLAGS && weir_pkt_is_tcp(p) &&
                   (p->tcp_flags &
                    (WEIR_FIN | WEIR_SYN | WEIR_RST | WEIR_PSH | WEIR_ACK | WEIR_URG)) == WEIR_FIN
               ? WEIR_HIT
               : WEIR_MISS;
}
