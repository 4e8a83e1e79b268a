/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Tunnels that are IP protocols: GRE (RFC 2784, RFC 2890), with NVGRE (RFC 7637) and ERSPAN
 * (draft-foschiano-erspan-03) in it, and IP in IP (RFC 2003, RFC 4213, RFC 2473). */

#include "dataplane/ip6.h"

enum weir_inside_type {
    WEIR_INSIDE_ETHERNET = 0x6558, /* "Transparent Ethernet Bridging" of RFC 1701 */
    WEIR_INSIDE_ERSPAN = 0x88be,   /* types I and II */
    WEIR_INSIDE_ERSPAN3 = 0x22eb,
};

enum weir_gre_flag {
    WEIR_GRE_CHECKSUM = 0x8000,
    WEIR_GRE_KEY = 0x2000,
    WEIR_GRE_SEQUENCE = 0x1000,
    /* Routing and strict source route of RFC 1701, recursion, version: RFC 2784 2.2 has a receiver
     * discard what sets them. Version 1 is PPTP (RFC 2637), whose PPP is compressed or encrypted.
     */
    WEIR_GRE_REFUSED = 0x4c07,
};

/* What a tunnel's header says: kind, where the inside begins and ends, and its EtherType. */
WEIR_FN void weir_inside_is(struct weir_pkt *p, enum weir_tunnel kind, __u32 off, __u16 type)
{
    p->outside.opened = kind;
    p->outside.type = type;
    weir_pkt_set_cursor(p, off);
}

/* EtherTypes of which the parser goes on to say more than "other". */
WEIR_FN bool weir_inside_is_known(__u16 type)
{
    switch (type) {
    case WEIR_ETH_IP4:
    case WEIR_ETH_IP6:
    case WEIR_ETH_ARP:
    case WEIR_ETH_VLAN:
    case WEIR_ETH_QINQ:
    case WEIR_ETH_QINQ_OLD:
    case WEIR_ETH_MPLS:
    case WEIR_ETH_PPPOE:
        return true;
    default:
        return false;
    }
}

/* Could these bytes be an Ethernet frame? Unread ones could. */
WEIR_FN bool weir_inside_has_ethernet(const struct weir_window *w, __u32 off)
{
    return !weir_window_has(w, off, 14) || weir_inside_is_known(weir_window_u16(w, off + 12));
}

/* ERSPAN at off, behind GRE: type I has no header (and GRE no sequence number), II eight bytes, III
 * twelve and eight more when its last bit says so. */
WEIR_FN bool weir_open_erspan(struct weir_pkt *p, const struct weir_window *w, __u32 off,
                              __u16 flags, __u16 type)
{
    __u32 size = 0;

    if (type == WEIR_INSIDE_ERSPAN3) {
        __u16 last = weir_window_u16(w, off + 10);

        /* Frame type, bits 14 to 10, is 0 for Ethernet. */
        if (!weir_window_has(w, off, 12) || weir_window_u8(w, off) >> 4 != 2 || last & 0x7c00)
            return false;
        size = last & 1 ? 20 : 12;
    } else if (flags & WEIR_GRE_SEQUENCE) {
        if (!weir_window_has(w, off, 8) || weir_window_u8(w, off) >> 4 != 1)
            return false;
        size = 8;
    }
    p->outside.id = size ? weir_window_u16(w, off + 2) & 0x3ff : 0;
    weir_inside_is(p, WEIR_TUNNEL_ERSPAN, off + size, WEIR_INSIDE_ETHERNET);
    return true;
}

WEIR_FN bool weir_open_gre(struct weir_pkt *p, const struct weir_window *w)
{
    __u32 off = p->l4_off;
    __u16 flags = weir_window_u16(w, off), type = weir_window_u16(w, off + 2);

    if (!weir_window_has(w, off, 4) || flags & WEIR_GRE_REFUSED)
        return false;
    off += flags & WEIR_GRE_CHECKSUM ? 8 : 4;
    if (flags & WEIR_GRE_KEY) {
        p->outside.id = weir_window_has(w, off, 4) ? weir_window_u32(w, off) : 0;
        off += 4;
    }
    if (flags & WEIR_GRE_SEQUENCE)
        off += 4;
    if (type == WEIR_INSIDE_ERSPAN || type == WEIR_INSIDE_ERSPAN3)
        return weir_open_erspan(p, w, off, flags, type);
    weir_inside_is(p, WEIR_TUNNEL_GRE, off, type);
    return type == WEIR_INSIDE_ETHERNET || weir_inside_is_known(type);
}

WEIR_FN bool weir_open_ip_in_ip(struct weir_pkt *p)
{
    weir_inside_is(p, WEIR_TUNNEL_IP_IN_IP, p->l4_off,
                   p->proto == WEIR_IP_IP6 ? WEIR_ETH_IP6 : WEIR_ETH_IP4);
    return true;
}
