/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A source no unicast sender may have: loopback off loopback, 0/8, multicast, broadcast, 240/4, ::,
 * IPv4-mapped, site-local (RFC 6890, RFC 4291; RFC 1812 5.3.7 names such packets martian). TCP
 * only: a DHCP client sends from 0.0.0.0. Link-local IPv4 is ordinary on its link, and cloud hosts
 * get answers from 169.254.169.254: only a SYN from it to an address elsewhere counts, which RFC
 * 3927 2.6.2 and 7 forbid to send and to forward. Snort 116:150, 116:408 to 116:414, 116:276 to
 * 116:278. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN bool weir_martian_link_local(const struct weir_pkt *p)
{
    bool opens = p->traits & WEIR_TRAIT_SYN && !(p->tcp_flags & WEIR_ACK);

    return opens && weir_pkt_is_tcp(p) && !(p->dst[12] == 169 && p->dst[13] == 254);
}

WEIR_FN enum weir_hit weir_detect_integrity_martian_source(const struct weir_pkt *p,
                                                           struct weir_evidence *e)
{
    bool odd;

    (void)e;
    if (!(p->traits & WEIR_TRAIT_SRC_ODD) || !weir_pkt_claims_tcp(p))
        return WEIR_MISS;
    if (p->src_class == WEIR_ADDR_LOOPBACK)
        odd = !(p->link_flags & WEIR_LINK_LOOPBACK);
    else if (p->src_class == WEIR_ADDR_LINK_LOCAL)
        odd = weir_martian_link_local(p);
    else
        odd = true;
    return odd ? WEIR_HIT : WEIR_MISS;
}
