/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Tunnels below IP: PPPoE sessions (RFC 2516) and MPLS (RFC 3032), which does not say what it
 * carries. */

#include "dataplane/tunnel_ip.h"

#define WEIR_PPPOE_SESSION 0x1100 /* version 1, type 1, code 0; discovery has other codes */
#define WEIR_PPP_IP4 0x0021       /* RFC 1332 */
#define WEIR_PPP_IP6 0x0057       /* RFC 5072 */

#define WEIR_MPLS_LABELS_MAX 16 /* Suricata stops at as many layers; 16 bits of window to spare */
#define WEIR_MPLS_BOTTOM 0x100
#define WEIR_MPLS_IP4_NULL 0 /* RFC 3032 2.1: labels that say what is behind them */
#define WEIR_MPLS_IP6_NULL 2

/* EtherType of a PPP protocol number, 0 when it is not IP. */
WEIR_FN __u16 weir_ppp_ethertype(__u16 protocol)
{
    if (protocol == WEIR_PPP_IP4)
        return WEIR_ETH_IP4;
    return protocol == WEIR_PPP_IP6 ? WEIR_ETH_IP6 : 0;
}

WEIR_FN bool weir_open_pppoe(struct weir_pkt *p, const struct weir_window *w)
{
    __u32 off = p->l4_off, bytes = weir_window_u16(w, off + 4), size = 2;
    __u16 protocol = weir_window_u16(w, off + 6);

    if (!weir_window_has(w, off, 8) || weir_window_u16(w, off) != WEIR_PPPOE_SESSION)
        return false;
    if (protocol & 0x100) { /* RFC 1661 6.5: compressed to one odd byte */
        protocol >>= 8;
        size = 1;
    }
    if (off + 6 + bytes < weir_pkt_limit(p))
        p->limit = off + 6 + bytes;
    p->outside.id = weir_window_u16(w, off + 2);
    weir_inside_is(p, WEIR_TUNNEL_PPPOE, off + 6 + size, weir_ppp_ethertype(protocol));
    return p->outside.type;
}

/* An IPv4 header: the first nibble of a pseudowire's Ethernet address may be 4 as well (RFC 4928
 * 2), so that the length has to fit, and the checksum, too, where the bytes could be a frame. */
WEIR_FN bool weir_mpls_is_ip4(const struct weir_pkt *p, const struct weir_window *w, __u32 off)
{
    __u32 total = weir_window_u16(w, off + 2);
    __u64 sum = 0;

    if (!weir_window_has(w, off, 20) || off + total > weir_pkt_limit(p) || total < 20)
        return false;
    if (weir_window_u8(w, off) >> 4 != 4)
        return false;
    if (!weir_inside_has_ethernet(w, off))
        return true;
    for (__u32 i = 0; i < 20; i += 4)
        sum += weir_window_raw32(w, off + i);
    return weir_window_u8(w, off) == 0x45 && weir_sum_fold(sum) == 0xffff;
}

WEIR_FN bool weir_mpls_is_ip6(const struct weir_pkt *p, const struct weir_window *w, __u32 off)
{
    return weir_window_has(w, off, 40) && weir_window_u8(w, off) >> 4 == 6 &&
           off + 40 + weir_window_u16(w, off + 4) <= weir_pkt_limit(p);
}

/* What is behind the bottom of the stack, at off. A pseudowire has a control word of 0 and a
 * sequence number in front of its frame (RFC 4448 4.6), or nothing. */
WEIR_FN bool weir_open_label(struct weir_pkt *p, const struct weir_window *w, __u32 label,
                             __u32 off)
{
    __u16 type = WEIR_INSIDE_ETHERNET;

    if (label == WEIR_MPLS_IP4_NULL || weir_mpls_is_ip4(p, w, off))
        type = WEIR_ETH_IP4;
    else if (label == WEIR_MPLS_IP6_NULL || weir_mpls_is_ip6(p, w, off))
        type = WEIR_ETH_IP6;
    else if (!weir_window_u16(w, off) && weir_window_has(w, off, 18) &&
             weir_inside_is_known(weir_window_u16(w, off + 16)))
        off += 4;
    else if (!weir_window_has(w, off, 14) || !weir_inside_has_ethernet(w, off))
        return false;
    weir_inside_is(p, WEIR_TUNNEL_MPLS, off, type);
    return true;
}

WEIR_FN bool weir_open_mpls(struct weir_pkt *p, const struct weir_window *w)
{
    __u32 at = 0, word = 0;

    weir_pkt_set_cursor(p, p->l4_off);
    for (int i = 0; i < WEIR_MPLS_LABELS_MAX; i++) {
        at = weir_pkt_cursor(p);
        if (!weir_window_has(w, at, 4))
            return false;
        word = weir_window_u32(w, at);
        weir_pkt_set_cursor(p, at + 4);
        if (word & WEIR_MPLS_BOTTOM)
            break;
    }
    if (!(word & WEIR_MPLS_BOTTOM)) {
        p->traits |= WEIR_TRAIT_LABEL_DEPTH;
        return false;
    }
    p->outside.id = word >> 12;
    return weir_open_label(p, w, word >> 12, at + 4);
}
