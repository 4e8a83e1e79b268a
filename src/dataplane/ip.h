/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* What IPv4 and IPv6 share: protocol numbers, and the protocols that are not inspected. */

#include "dataplane/link.h"

enum weir_ip_proto {
    WEIR_IP_HOPOPTS = 0,
    WEIR_IP_ICMP = 1,
    WEIR_IP_IGMP = 2,
    WEIR_IP_IP4 = 4,
    WEIR_IP_TCP = 6,
    WEIR_IP_UDP = 17,
    WEIR_IP_IP6 = 41,
    WEIR_IP_ROUTING = 43,
    WEIR_IP_FRAGMENT = 44,
    WEIR_IP_GRE = 47,
    WEIR_IP_ESP = 50,
    WEIR_IP_AH = 51,
    WEIR_IP_ICMP6 = 58,
    WEIR_IP_NONE = 59,
    WEIR_IP_DSTOPTS = 60,
    WEIR_IP_SCTP = 132,
    WEIR_IP_MOBILITY = 135,
    WEIR_IP_MPLS = 137,
    WEIR_IP_HIP = 139,
    WEIR_IP_SHIM6 = 140,
};

enum weir_udp_port {
    WEIR_UDP_GTP = 2152,
    WEIR_UDP_VXLAN = 4789,
    WEIR_UDP_GENEVE = 6081,
    WEIR_UDP_VXLAN_OLD = 8472, /* Linux before RFC 7348; flannel still */
};

WEIR_FN enum weir_outcome weir_parse_udp(const struct weir_pkt *p, const struct weir_window *w)
{
    if (p->fragment_off || !weir_window_has(w, p->l4_off, 4))
        return WEIR_OUTCOME_UDP;
    switch (weir_window_u16(w, p->l4_off + 2)) {
    case WEIR_UDP_VXLAN:
    case WEIR_UDP_VXLAN_OLD:
        return WEIR_OUTCOME_VXLAN;
    case WEIR_UDP_GENEVE:
        return WEIR_OUTCOME_GENEVE;
    case WEIR_UDP_GTP:
        return WEIR_OUTCOME_GTP;
    default:
        return WEIR_OUTCOME_UDP;
    }
}

WEIR_FN enum weir_outcome weir_parse_other_ip(const struct weir_pkt *p, const struct weir_window *w)
{
    switch (p->proto) {
    case WEIR_IP_UDP:
        return weir_parse_udp(p, w);
    case WEIR_IP_ICMP:
        return WEIR_OUTCOME_ICMP;
    case WEIR_IP_ICMP6:
        return WEIR_OUTCOME_ICMP6;
    case WEIR_IP_IGMP:
        return WEIR_OUTCOME_IGMP;
    case WEIR_IP_SCTP:
        return WEIR_OUTCOME_SCTP;
    case WEIR_IP_ESP:
        return WEIR_OUTCOME_ESP;
    case WEIR_IP_GRE:
        return WEIR_OUTCOME_GRE;
    case WEIR_IP_IP4:
    case WEIR_IP_IP6:
        return WEIR_OUTCOME_IP_IN_IP;
    case WEIR_IP_MPLS:
        return WEIR_OUTCOME_MPLS;
    case WEIR_IP_NONE:
        return WEIR_OUTCOME_NO_NEXT_HEADER;
    default:
        return WEIR_OUTCOME_OTHER_IP;
    }
}
