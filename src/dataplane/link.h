/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Ethernet II, 802.1Q and 802.1ad (QinQ). Other link layers are known to replay alone, which enters
 * at the EtherType. */

#include "dataplane/window.h"
#include "dataplane/pkt.h"

/* Parsers return an outcome when they are done, else this: the next parser goes on. */
#define WEIR_PARSE_ON WEIR_OUTCOME_MAX

enum weir_ethertype {
    WEIR_ETH_IP4 = 0x0800,
    WEIR_ETH_ARP = 0x0806,
    WEIR_ETH_RARP = 0x8035,
    WEIR_ETH_VLAN = 0x8100,
    WEIR_ETH_IP6 = 0x86dd,
    WEIR_ETH_MPLS = 0x8847,
    WEIR_ETH_MPLS_MC = 0x8848,
    WEIR_ETH_PPPOE_DISCOVERY = 0x8863,
    WEIR_ETH_PPPOE = 0x8864,
    WEIR_ETH_QINQ = 0x88a8,
    WEIR_ETH_LLDP = 0x88cc,
    WEIR_ETH_QINQ_OLD = 0x9100, /* before 802.1ad */
    WEIR_ETH_MIN = 0x0600,      /* below it the field is a length (IEEE 802.3 3.2.6) */
};

/* Bytes that the parser wants are not in the window: whose fault is it? */
WEIR_FN enum weir_outcome weir_parse_missing(const struct weir_window *w, __u32 off, __u32 len,
                                             enum weir_outcome when_short)
{
    return off + len > w->wire ? when_short : WEIR_OUTCOME_SNAPPED;
}

WEIR_FN bool weir_ethertype_is_vlan(__u16 type)
{
    return type == WEIR_ETH_VLAN || type == WEIR_ETH_QINQ || type == WEIR_ETH_QINQ_OLD;
}

/* One VLAN tag at *off. */
WEIR_FN enum weir_outcome weir_parse_vlan(struct weir_pkt *p, const struct weir_window *w,
                                          __u32 *off, __u16 *type)
{
    if (!weir_window_has(w, *off, 4))
        return weir_parse_missing(w, *off, 4, WEIR_OUTCOME_SHORT_LINK);
    p->vlan[p->vlans & 1] = weir_window_u16(w, *off) & 0x0fff;
    p->vlans++;
    *type = weir_window_u16(w, *off + 2);
    *off += 4;
    return WEIR_PARSE_ON;
}

/* Tags from *off on, at most two. */
WEIR_FN enum weir_outcome weir_parse_vlans(struct weir_pkt *p, const struct weir_window *w,
                                           __u32 *off, __u16 *type)
{
    enum weir_outcome out;

    if (WEIR_LIKELY(!weir_ethertype_is_vlan(*type)))
        return WEIR_PARSE_ON;
    out = weir_parse_vlan(p, w, off, type);
    if (out != WEIR_PARSE_ON || !weir_ethertype_is_vlan(*type))
        return out;
    out = weir_parse_vlan(p, w, off, type);
    if (out != WEIR_PARSE_ON || !weir_ethertype_is_vlan(*type))
        return out;
    p->traits |= WEIR_TRAIT_VLAN_DEPTH;
    return WEIR_OUTCOME_VLAN_DEPTH;
}

WEIR_FN enum weir_outcome weir_parse_ethernet(struct weir_pkt *p, const struct weir_window *w,
                                              __u32 *off, __u16 *type)
{
    __u32 a, b, c;

    if (!weir_window_has(w, 0, 14))
        return weir_parse_missing(w, 0, 14, WEIR_OUTCOME_SHORT_LINK);
    *type = weir_window_u16(w, 12);
    *off = 14;
    /* The two addresses, by loads that the kernel host's first stores allow: WEIR_QUICK_HEAD. */
    a = weir_window_raw32(w, 0);
    b = weir_window_raw32(w, 6);
    c = weir_window_raw16(w, 4) | (__u32)weir_window_raw16(w, 10) << 16;
    /* Linux shows its loopback device as Ethernet with both addresses zero. */
    if (WEIR_UNLIKELY((a | b | c) == 0))
        p->link_flags |= WEIR_LINK_LOOPBACK;
    /* Sixteen bits of it are kept, to tell a change: nobody gains by making two addresses meet. */
    a = (a ^ (b << 7 | b >> 25) ^ (c << 14 | c >> 18)) * 0x9e3779b1U;
    p->link_hash = a >> 16 | 1;
    return WEIR_PARSE_ON;
}

/* EtherTypes that are not inspected, by name. */
WEIR_FN enum weir_outcome weir_parse_other_link(__u16 type)
{
    switch (type) {
    case WEIR_ETH_ARP:
    case WEIR_ETH_RARP:
        return WEIR_OUTCOME_ARP;
    case WEIR_ETH_MPLS:
    case WEIR_ETH_MPLS_MC:
        return WEIR_OUTCOME_MPLS;
    case WEIR_ETH_PPPOE:
    case WEIR_ETH_PPPOE_DISCOVERY:
        return WEIR_OUTCOME_PPPOE;
    case WEIR_ETH_LLDP:
        return WEIR_OUTCOME_LLDP;
    default:
        return type < WEIR_ETH_MIN ? WEIR_OUTCOME_LLC : WEIR_OUTCOME_OTHER_LINK;
    }
}
