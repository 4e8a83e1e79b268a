/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* TCP header: RFC 9293 3.1. */

#include "dataplane/tcp_options.h"

/* Flag combinations, PSH, ECE and CWR masked away, that nf_conntrack_proto_tcp.c takes as valid
 * (tcp_valid_flags): SYN, SYN+URG, SYN+ACK, RST, RST+ACK, FIN+ACK, FIN+ACK+URG, ACK, ACK+URG. */
#define WEIR_TCP_FLAGS_JUDGED (WEIR_FIN | WEIR_SYN | WEIR_RST | WEIR_ACK | WEIR_URG)
#define WEIR_TCP_FLAGS_VALID                                                                       \
    (1ULL << 0x02 | 1ULL << 0x22 | 1ULL << 0x12 | 1ULL << 0x04 | 1ULL << 0x14 | 1ULL << 0x11 |     \
     1ULL << 0x31 | 1ULL << 0x10 | 1ULL << 0x30)

WEIR_FN bool weir_tcp_flags_valid(__u8 flags)
{
    return WEIR_TCP_FLAGS_VALID >> (flags & WEIR_TCP_FLAGS_JUDGED) & 1;
}

WEIR_FN void weir_parse_tcp_traits(struct weir_pkt *p)
{
    __u64 t = 0;

    if (WEIR_UNLIKELY(!weir_tcp_flags_valid(p->tcp_flags)))
        t |= WEIR_TRAIT_TCP_FLAGS;
    if (p->tcp_flags & WEIR_SYN)
        t |= WEIR_TRAIT_SYN;
    if (WEIR_UNLIKELY(p->tcp_reserved))
        t |= WEIR_TRAIT_TCP_RESERVED;
    if (WEIR_UNLIKELY(p->urgent || p->tcp_flags & WEIR_URG))
        t |= WEIR_TRAIT_URGENT;
    if (WEIR_UNLIKELY(!(p->tcp_flags & WEIR_ACK) && p->ack))
        t |= WEIR_TRAIT_ACK_UNFLAGGED;
    if (WEIR_UNLIKELY(p->tcp_flags & WEIR_RST && p->payload_bytes))
        t |= WEIR_TRAIT_RST_DATA;
    if (WEIR_UNLIKELY(!p->sport || !p->dport))
        t |= WEIR_TRAIT_PORT_ZERO;
    p->traits |= t;
}

WEIR_FN void weir_parse_tcp_ports(struct weir_pkt *p, const struct weir_window *w, __u32 off)
{
    p->sport = weir_window_u16(w, off);
    p->dport = weir_window_u16(w, off + 2);
}

WEIR_FN enum weir_outcome weir_parse_tcp_fault(struct weir_pkt *p)
{
    p->traits |= WEIR_TRAIT_TCP_LENGTH;
    return WEIR_OUTCOME_TCP_LENGTH;
}

/* The fixed header is not in the window. */
WEIR_FN enum weir_outcome weir_parse_tcp_missing(struct weir_pkt *p, const struct weir_window *w)
{
    if (p->l4_off + WEIR_TCP_HEADER > w->wire)
        return weir_parse_cut(p);
    if (w->cap == WEIR_WINDOW_BYTES && !p->tunnels)
        return weir_ip6_chain_fault(p, WEIR_IP_TCP);
    return WEIR_OUTCOME_SNAPPED;
}

/* The fixed header at off. WEIR_PARSE_ON: options follow, p->tcp_header says how long it all is. */
WEIR_FN enum weir_outcome weir_parse_tcp_fixed(struct weir_pkt *p, const struct weir_window *w,
                                               __u32 off)
{
    __u32 header;
    __u16 bits;

    if (WEIR_UNLIKELY(p->l4_len < WEIR_TCP_HEADER)) {
        if (p->l4_len >= 4 && weir_window_has(w, off, 4))
            weir_parse_tcp_ports(p, w, off);
        return p->fragment_more ? WEIR_OUTCOME_TCP_HEAD : weir_parse_tcp_fault(p);
    }
    if (WEIR_UNLIKELY(!weir_window_has(w, off, WEIR_TCP_HEADER)))
        return weir_parse_tcp_missing(p, w);
    weir_parse_tcp_ports(p, w, off);
    p->seq = weir_window_u32(w, off + 4);
    p->ack = weir_window_u32(w, off + 8);
    bits = weir_window_u16(w, off + 12);
    p->tcp_flags = (__u8)bits;
    p->tcp_reserved = bits >> 8 & 15;
    p->window = weir_window_u16(w, off + 14);
    p->tcp_check = weir_window_raw16(w, off + 16);
    p->urgent = weir_window_u16(w, off + 18);
    header = (bits >> 12) * 4;
    p->tcp_header = (__u8)header;
    if (WEIR_UNLIKELY(header < WEIR_TCP_HEADER))
        return weir_parse_tcp_fault(p);
    if (WEIR_UNLIKELY(header > p->l4_len))
        return p->fragment_more ? WEIR_OUTCOME_TCP_HEAD : weir_parse_tcp_fault(p);
    p->payload_off = off + header;
    p->payload_bytes = p->l4_len - header;
    weir_parse_tcp_traits(p);
    return header == WEIR_TCP_HEADER ? WEIR_OUTCOME_TCP : WEIR_PARSE_ON;
}

/* Is what stands at off, behind a fixed header that says 32 bytes, the timestamps that most
 * segments carry and nothing else? */
WEIR_FN bool weir_tcp_has_timestamps_only(const struct weir_window *w, __u32 off)
{
    return weir_window_u32(w, off) == WEIR_OPTIONS_TIMESTAMPS_ONLY;
}

WEIR_FN enum weir_outcome weir_parse_tcp_timestamps(struct weir_pkt *p, const struct weir_window *w,
                                                    __u32 off)
{
    p->options = WEIR_OPTION_TIMESTAMPS;
    p->tsval = weir_window_u32(w, off + 4);
    p->tsecr = weir_window_u32(w, off + 8);
    return WEIR_OUTCOME_TCP;
}

/* TCP header. WEIR_PARSE_ON: it has options, whole and in the window, other than timestamps alone;
 * weir_parse_tcp_options() is to read them. */
WEIR_FN enum weir_outcome weir_parse_tcp(struct weir_pkt *p, const struct weir_window *w)
{
    __u32 off = p->l4_off, header;
    enum weir_outcome out = weir_parse_tcp_fixed(p, w, off);

    if (out != WEIR_PARSE_ON)
        return out;
    header = p->tcp_header;
    if (WEIR_UNLIKELY(!weir_window_has(w, off, header))) {
        if (off + header > w->wire)
            return weir_parse_cut(p);
        /* Not the capture: headers in front push them out. */
        if (w->cap == WEIR_WINDOW_BYTES && !p->tunnels)
            weir_pkt_fault(p, WEIR_TRAIT_IP6_CHAIN, WEIR_IP_TCP);
        return WEIR_OUTCOME_TCP_OPTIONS_UNREAD;
    }
    off += WEIR_TCP_HEADER;
    if (WEIR_LIKELY(header == 32 && weir_tcp_has_timestamps_only(w, off)))
        return weir_parse_tcp_timestamps(p, w, off);
    return WEIR_PARSE_ON;
}
