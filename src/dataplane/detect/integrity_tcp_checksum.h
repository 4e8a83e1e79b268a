/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* TCP checksum wrong (RFC 9293 3.1). Only when all covered bytes are in this packet, and never when
 * the field holds what transmit offload leaves there: that is integrity.checksum_pending. Suricata
 * 2200074, 2200077; Zeek bad_TCP_checksum. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_tcp_checksum(const struct weir_pkt *p,
                                                         struct weir_evidence *e)
{
    (void)e;
    return (p->traits & WEIR_TRAIT_TCP_CHECKSUM) ? WEIR_HIT : WEIR_MISS;
}
