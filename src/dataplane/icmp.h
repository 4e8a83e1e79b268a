/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* ICMP (RFC 792) and ICMPv6 (RFC 4443) errors that quote a TCP segment: at least its IP header and
 * eight bytes, the ports and the sequence number. */

#include "dataplane/ip6.h"

/* The quoted segment, in its own direction: src is who the error is sent to. */
struct weir_quote {
    __u8 src[16];
    __u8 dst[16];
    __u16 sport;
    __u16 dport;
    __u32 seq;
    __u8 host; /* the error says that the host is not there, not that it refuses */
    __u8 _pad[3];
};

WEIR_FN bool weir_quote_is(const struct weir_quote *q, const __u8 src[16], const __u8 dst[16],
                           __u16 sport, __u16 dport)
{
    __u64 a[2], b[2], c[2], d[2];

    __builtin_memcpy(a, q->src, sizeof(a));
    __builtin_memcpy(b, src, sizeof(b));
    __builtin_memcpy(c, q->dst, sizeof(c));
    __builtin_memcpy(d, dst, sizeof(d));
    return !((a[0] ^ b[0]) | (a[1] ^ b[1]) | (c[0] ^ d[0]) | (c[1] ^ d[1]) |
             (__u64)(q->sport ^ sport) | (__u64)(q->dport ^ dport));
}

/* Destination unreachable, source quench, redirect, time exceeded, parameter problem. */
WEIR_FN bool weir_icmp4_is_error(__u8 type)
{
    return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

WEIR_FN bool weir_icmp6_is_error(__u8 type)
{
    return type >= 1 && type <= 4;
}

/* Network or host unreachable; no route, address unreachable (RFC 792, RFC 1122 3.2.2.1, RFC 4443
 * 3.1). */
WEIR_FN bool weir_icmp4_is_no_host(__u8 type, __u8 code)
{
    return type == 3 && (code < 2 || (code >= 5 && code <= 7));
}

WEIR_FN bool weir_icmp6_is_no_host(__u8 type, __u8 code)
{
    return type == 1 && (code == 0 || code == 3);
}

WEIR_FN bool weir_parse_quote4(struct weir_quote *q, const struct weir_window *w, __u32 off)
{
    __u32 mapped[4] = { 0, 0, weir_ntoh32(0xffff), 0 };
    __u32 header = (weir_window_u8(w, off) & 15) * 4;
    __u32 l4 = off + header;

    if (!weir_window_has(w, off, 20) || weir_window_u8(w, off) >> 4 != 4 || header < 20)
        return false;
    if (weir_window_u8(w, off + 9) != WEIR_IP_TCP || weir_window_u16(w, off + 6) & 0x1fff)
        return false;
    if (!weir_window_has(w, l4, 8))
        return false;
    mapped[3] = weir_window_raw32(w, off + 12);
    __builtin_memcpy(q->src, mapped, sizeof(mapped));
    mapped[3] = weir_window_raw32(w, off + 16);
    __builtin_memcpy(q->dst, mapped, sizeof(mapped));
    q->sport = weir_window_u16(w, l4);
    q->dport = weir_window_u16(w, l4 + 2);
    q->seq = weir_window_u32(w, l4 + 4);
    return true;
}

/* Quoted IPv6 without extension headers; with them the quote is not decoded. */
WEIR_FN bool weir_parse_quote6(struct weir_quote *q, const struct weir_window *w, __u32 off)
{
    __u32 a[4];

    if (!weir_window_has(w, off, 48) || weir_window_u8(w, off) >> 4 != 6)
        return false;
    if (weir_window_u8(w, off + 6) != WEIR_IP_TCP)
        return false;
    for (__u32 i = 0; i < 4; i++)
        a[i] = weir_window_raw32(w, off + 8 + 4 * i);
    __builtin_memcpy(q->src, a, sizeof(a));
    for (__u32 i = 0; i < 4; i++)
        a[i] = weir_window_raw32(w, off + 24 + 4 * i);
    __builtin_memcpy(q->dst, a, sizeof(a));
    q->sport = weir_window_u16(w, off + 40);
    q->dport = weir_window_u16(w, off + 42);
    q->seq = weir_window_u32(w, off + 44);
    return true;
}

/* True when the ICMP message of p is an error that quotes TCP; then *ret_quote holds it. */
WEIR_FN bool weir_parse_quote(const struct weir_pkt *p, const struct weir_window *w,
                              struct weir_quote *ret_quote)
{
    __u8 type, code;

    if (p->fragment_off || !weir_window_has(w, p->l4_off, 8))
        return false;
    type = weir_window_u8(w, p->l4_off);
    code = weir_window_u8(w, p->l4_off + 1);
    ret_quote->host =
        p->ip_version == 4 ? weir_icmp4_is_no_host(type, code) : weir_icmp6_is_no_host(type, code);
    if (p->proto == WEIR_IP_ICMP && p->ip_version == 4)
        return weir_icmp4_is_error(type) && weir_parse_quote4(ret_quote, w, p->l4_off + 8);
    if (p->proto == WEIR_IP_ICMP6 && p->ip_version == 6)
        return weir_icmp6_is_error(type) && weir_parse_quote6(ret_quote, w, p->l4_off + 8);
    return false;
}
