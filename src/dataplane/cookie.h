/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* SYN cookies (RFC 4987 3.6): which SYN may be answered without remembering it, and the answer. The
 * number that goes into it, and the check of what comes back, are the host's. */

#include "dataplane/ip4.h"
#include "dataplane/link.h"
#include "dataplane/tcp_options.h"
#include "dataplane/track.h"

/* Frames of the answer: Ethernet, at most one VLAN tag, IP without options, TCP with MSS alone. */
#define WEIR_COOKIE_TCP (WEIR_TCP_HEADER + 4)
#define WEIR_COOKIE_FRAME_MAX (14 + 4 + 40 + WEIR_COOKIE_TCP)
#define WEIR_COOKIE_FRAME_MIN 60 /* IEEE 802.3 3.2.8, without the check sequence */

/* What Linux advertises with an MSS of 1460 and its default receive buffer. There is no window
 * scale to multiply it; the listener's first segment says what it really is. */
#define WEIR_COOKIE_WINDOW 64240
#define WEIR_COOKIE_TTL 64      /* net.ipv4.ip_default_ttl */
#define WEIR_COOKIE_MSS_MIN 536 /* RFC 9293 3.7.1 */

/* Headers as a cookie is made of and checked against: addresses, ports, numbers, MSS. IPv4 takes
 * the first 20 bytes of ip. */
struct weir_cookie_head {
    __u8 ip[40];
    __u8 tcp[WEIR_COOKIE_TCP];
};

struct weir_cookie_frame {
    __u32 len;
    __u8 b[WEIR_COOKIE_FRAME_MAX + 2];
};

/* SYNs that an answer can be made for without reading them again. What is left over (options of IP,
 * extension headers, tunnels, two tags, a group as destination, signed segments) goes to the stack.
 */
WEIR_FN bool weir_cookie_answerable(const struct weir_pkt *p, const struct weir_window *w)
{
    __u32 header = p->ip_version == 4 ? 20 : 40;

    if (p->tunnels || p->vlans > 1 || p->src_class != WEIR_ADDR_UNICAST)
        return false;
    if (p->traits & (WEIR_TRAIT_SAME_ADDR | WEIR_TRAIT_TTL) ||
        p->options & (WEIR_OPTION_MD5 | WEIR_OPTION_AO))
        return false;
    return p->l3_off == 14 + 4U * p->vlans && p->l4_off == p->l3_off + header && !(w->b[0] & 1);
}

WEIR_FN bool weir_cookie_asks(const struct weir_track *t)
{
    return t->moment == WEIR_MOMENT_SYN || t->moment == WEIR_MOMENT_SYN_AGAIN;
}

/* May it be what a client sends in return? An acknowledgement of a connection whose server was not
 * seen to answer. */
WEIR_FN bool weir_cookie_returns(const struct weir_track *t, const struct weir_pkt *p)
{
    if (WEIR_LIKELY(t->moment != WEIR_MOMENT_GOES_ON && t->moment != WEIR_MOMENT_STRAY_ACK &&
                    t->moment != WEIR_MOMENT_STRAY_DATA))
        return false;
    return (p->tcp_flags & (WEIR_ACK | WEIR_SYN | WEIR_RST)) == WEIR_ACK;
}

WEIR_FN void weir_put16(__u8 *to, __u16 v)
{
    v = weir_ntoh16(v);
    __builtin_memcpy(to, &v, sizeof(v));
}

WEIR_FN void weir_put32(__u8 *to, __u32 v)
{
    v = weir_ntoh32(v);
    __builtin_memcpy(to, &v, sizeof(v));
}

/* bytes: even. Loaded natively, as in sum.h. */
WEIR_FN __u64 weir_cookie_sum(const __u8 *b, __u32 bytes)
{
    __u64 sum = 0;

    for (__u32 i = 0; i < bytes; i += 2) {
        __u16 v;

        __builtin_memcpy(&v, b + i, sizeof(v));
        sum += v;
    }
    return sum;
}

/* IPv4 header without options, checksum included. */
WEIR_FN void weir_cookie_ip4(__u8 *ip, const __u8 src[16], const __u8 dst[16])
{
    __u16 sum;

    __builtin_memset(ip, 0, 20);
    ip[0] = 0x45;
    weir_put16(ip + 2, 20 + WEIR_COOKIE_TCP);
    weir_put16(ip + 6, WEIR_IP4_DF);
    ip[8] = WEIR_COOKIE_TTL;
    ip[9] = WEIR_IP_TCP;
    __builtin_memcpy(ip + 12, src + 12, 4);
    __builtin_memcpy(ip + 16, dst + 12, 4);
    sum = (__u16)~weir_sum_fold(weir_cookie_sum(ip, 20));
    __builtin_memcpy(ip + 10, &sum, sizeof(sum));
}

WEIR_FN void weir_cookie_ip6(__u8 *ip, const __u8 src[16], const __u8 dst[16])
{
    __builtin_memset(ip, 0, 8);
    ip[0] = 0x60;
    weir_put16(ip + 4, WEIR_COOKIE_TCP);
    ip[6] = WEIR_IP_TCP;
    ip[7] = WEIR_COOKIE_TTL;
    __builtin_memcpy(ip + 8, src, 16);
    __builtin_memcpy(ip + 24, dst, 16);
}

/* TCP header with MSS, checksum left 0. */
WEIR_FN void weir_cookie_tcp(__u8 *tcp, __u16 sport, __u16 dport, __u32 seq, __u32 ack, __u8 flags,
                             __u16 mss)
{
    weir_put16(tcp, sport);
    weir_put16(tcp + 2, dport);
    weir_put32(tcp + 4, seq);
    weir_put32(tcp + 8, ack);
    tcp[12] = WEIR_COOKIE_TCP / 4 << 4;
    tcp[13] = flags;
    weir_put16(tcp + 14, WEIR_COOKIE_WINDOW);
    weir_put32(tcp + 16, 0);
    tcp[20] = WEIR_KIND_MSS;
    tcp[21] = 4;
    weir_put16(tcp + 22, mss);
}

/* The headers of the packet in the form that the host's helpers read. */
WEIR_FN void weir_cookie_head(struct weir_cookie_head *h, const struct weir_pkt *p)
{
    __u16 mss = p->options & WEIR_OPTION_MSS ? p->mss : 0;

    if (p->ip_version == 4)
        weir_cookie_ip4(h->ip, p->src, p->dst);
    else
        weir_cookie_ip6(h->ip, p->src, p->dst);
    weir_cookie_tcp(h->tcp, p->sport, p->dport, p->seq, p->ack, p->tcp_flags, mss);
    if (!mss) /* two NOPs and the end in its place: the helper then takes the default */
        weir_put32(h->tcp + 20, 0x01010000);
}

WEIR_FN __u32 weir_cookie_mss(__u32 mtu, __u32 ip_version)
{
    __u32 headers = ip_version == 4 ? 40 : 60;

    if (mtu < WEIR_COOKIE_MSS_MIN + headers)
        return WEIR_COOKIE_MSS_MIN;
    return mtu - headers < 0xffff ? mtu - headers : 0xffff;
}

/* Ethernet and the tag of the question, turned round. Returns their length. */
WEIR_FN __u32 weir_cookie_link(struct weir_cookie_frame *f, const struct weir_pkt *p,
                               const struct weir_window *w)
{
    __builtin_memcpy(f->b, w->b + 6, 6);
    __builtin_memcpy(f->b + 6, w->b, 6);
    __builtin_memcpy(f->b + 12, w->b + 12, 6); /* type; tag and type */
    return p->vlans ? 18 : 14;
}

WEIR_FN void weir_cookie_segment(__u8 *tcp, const struct weir_pkt *p, __u32 isn, __u16 mss)
{
    __u64 sum;
    __u16 check;

    weir_cookie_tcp(tcp, p->dport, p->sport, isn, p->seq + 1, WEIR_SYN | WEIR_ACK, mss);
    sum = weir_sum_addr(p->src) + weir_sum_addr(p->dst) + weir_cookie_sum(tcp, WEIR_COOKIE_TCP);
    sum += weir_ntoh16(WEIR_COOKIE_TCP);
    sum += weir_ntoh16(WEIR_IP_TCP);
    check = (__u16)~weir_sum_fold(sum);
    __builtin_memcpy(tcp + 16, &check, sizeof(check));
}

/* The SYN-ACK for a packet that weir_cookie_answerable(); mss: what may be sent to us. Written for
 * a verifier that follows every offset: each of the four layouts has its own. */
WEIR_FN void weir_cookie_answer(struct weir_cookie_frame *f, const struct weir_pkt *p,
                                const struct weir_window *w, __u32 isn, __u16 mss)
{
    __u8 *ip = f->b + weir_cookie_link(f, p, w);

    if (p->ip_version == 4) {
        weir_cookie_ip4(ip, p->dst, p->src);
        weir_cookie_segment(ip + 20, p, isn, mss);
        f->len = (p->vlans ? 18 : 14) + 20 + WEIR_COOKIE_TCP;
    } else {
        weir_cookie_ip6(ip, p->dst, p->src);
        weir_cookie_segment(ip + 40, p, isn, mss);
        f->len = (p->vlans ? 18 : 14) + 40 + WEIR_COOKIE_TCP;
    }
    if (f->len < WEIR_COOKIE_FRAME_MIN) {
        __builtin_memset(f->b + 58, 0, 2);
        f->len = WEIR_COOKIE_FRAME_MIN;
    }
}
