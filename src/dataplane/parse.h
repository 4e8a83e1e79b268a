/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* From a window to a struct weir_pkt. A host calls weir_parse() for an Ethernet frame, or the two
 * halves: weir_parse_network() as far as addresses, which a ban needs and no more, then
 * weir_parse_transport(). Every way to end is an outcome with a counter of its own. */

#include "dataplane/icmp.h"
#include "dataplane/tcp.h"

/* Link layer and IP. On WEIR_PARSE_ON the addresses, p->proto, l4_off and l4_len are set. */
WEIR_FN enum weir_outcome weir_parse_ethertype(struct weir_pkt *p, const struct weir_window *w,
                                               __u32 off, __u16 type)
{
    enum weir_outcome out = weir_parse_vlans(p, w, &off, &type);

    if (WEIR_UNLIKELY(out != WEIR_PARSE_ON))
        return out;
    if (WEIR_LIKELY(type == WEIR_ETH_IP4))
        return weir_parse_ip4(p, w, off);
    if (type == WEIR_ETH_IP6)
        return weir_parse_ip6(p, w, off);
    p->l4_off = off;
    return weir_parse_other_link(type);
}

WEIR_FN enum weir_outcome weir_parse_network(struct weir_pkt *p, const struct weir_window *w)
{
    enum weir_outcome out;
    __u32 off = 0;
    __u16 type = 0;

    out = weir_parse_ethernet(p, w, &off, &type);
    if (WEIR_UNLIKELY(out != WEIR_PARSE_ON))
        return out;
    return weir_parse_ethertype(p, w, off, type);
}

/* IPv4 carries AH as a protocol (RFC 4302): step over it. */
WEIR_FN void weir_parse_ip4_ah(struct weir_pkt *p, const struct weir_window *w)
{
    __u32 len;

    if (!weir_window_has(w, p->l4_off, 12))
        return;
    len = weir_ip6_header_bytes(WEIR_IP_AH, weir_window_u8(w, p->l4_off + 1));
    if (len > p->l4_len)
        return;
    p->proto = weir_window_u8(w, p->l4_off);
    p->l4_off += len;
    p->l4_len -= len;
}

/* What the IP packet carries, but for TCP options: WEIR_PARSE_ON when there are any. */
WEIR_FN enum weir_outcome weir_parse_payload(struct weir_pkt *p, const struct weir_window *w)
{
    struct weir_quote quote;

    if (WEIR_UNLIKELY(p->ip_version == 4 && p->proto == WEIR_IP_AH && !p->fragment_off))
        weir_parse_ip4_ah(p, w);
    if (WEIR_LIKELY(p->proto == WEIR_IP_TCP))
        return WEIR_UNLIKELY(p->fragment_off) ? WEIR_OUTCOME_TCP_FRAGMENT : weir_parse_tcp(p, w);
    if (weir_parse_quote(p, w, &quote))
        return WEIR_OUTCOME_ICMP_TCP;
    return weir_parse_other_ip(p, w);
}

/* What the IP packet carries. Call on WEIR_PARSE_ON of the network half. */
WEIR_FN enum weir_outcome weir_parse_transport(struct weir_pkt *p, const struct weir_window *w)
{
    enum weir_outcome out = weir_parse_payload(p, w);

    return out == WEIR_PARSE_ON ? weir_parse_tcp_options(p, w) : out;
}

/* Where things are in most frames: Ethernet, IPv4 and TCP, neither tag nor IP options. */
#define WEIR_PLAIN_IP4 14
#define WEIR_PLAIN_TCP (WEIR_PLAIN_IP4 + 20)
#define WEIR_PLAIN_OPTIONS (WEIR_PLAIN_TCP + WEIR_TCP_HEADER)

/* No IP options, no fragment, and of TCP options none or timestamps alone. */
WEIR_FN bool weir_parse_is_plain(const struct weir_window *w)
{
    __u8 words;

    if (w->cap < WEIR_PLAIN_OPTIONS || weir_window_u16(w, 12) != WEIR_ETH_IP4 ||
        weir_window_u8(w, WEIR_PLAIN_IP4) != 0x45 ||
        weir_window_u16(w, WEIR_PLAIN_IP4 + 6) & 0x3fff ||
        weir_window_u8(w, WEIR_PLAIN_IP4 + 9) != WEIR_IP_TCP)
        return false;
    words = weir_window_u8(w, WEIR_PLAIN_TCP + 12) >> 4;
    return words == 5 || (words == 8 && weir_window_has(w, WEIR_PLAIN_OPTIONS, 12) &&
                          weir_tcp_has_timestamps_only(w, WEIR_PLAIN_OPTIONS));
}

/* The same functions as for any other frame, with offsets that the compiler knows: half as many
 * instructions. WEIR_PARSE_ON: the frame is not plain, *p is as it was. */
WEIR_FN enum weir_outcome weir_parse_plain(struct weir_pkt *p, const struct weir_window *w)
{
    enum weir_outcome out;
    __u32 off = 0;
    __u16 type = 0;

    if (!weir_parse_is_plain(w))
        return WEIR_PARSE_ON;
    (void)weir_parse_ethernet(p, w, &off, &type);
    out = weir_parse_ip4_header(p, w, WEIR_PLAIN_IP4, WEIR_PLAIN_TCP - WEIR_PLAIN_IP4);
    if (WEIR_UNLIKELY(out != WEIR_PARSE_ON))
        return out;
    out = weir_parse_tcp_fixed(p, w, WEIR_PLAIN_TCP);
    return out == WEIR_PARSE_ON ? weir_parse_tcp_timestamps(p, w, WEIR_PLAIN_OPTIONS) : out;
}

/* Zero *p first; link_flags and frame_bytes are the host's to set. */
WEIR_FN void weir_parse(struct weir_pkt *p, const struct weir_window *w)
{
    enum weir_outcome out = weir_parse_plain(p, w);

    if (out == WEIR_PARSE_ON)
        out = weir_parse_network(p, w);
    p->outcome = out == WEIR_PARSE_ON ? weir_parse_transport(p, w) : out;
}
