/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* IPv4 header checksum wrong (RFC 791 3.1; Linux ip_rcv drops it). Of any IPv4 packet.
 * Suricata 2200073; Zeek bad_IP_checksum. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_ip_checksum(const struct weir_pkt *p,
                                                        struct weir_evidence *e)
{
    (void)e;
    return (p->traits & WEIR_TRAIT_IP4_CHECKSUM) ? WEIR_HIT : WEIR_MISS;
}
