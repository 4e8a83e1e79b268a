/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* IPv6 and its extension headers: RFC 8200 4, RFC 5095 (RH0), RFC 6946 (atomic fragments), RFC 7112
 * (the chain is whole in the first fragment). */

#include "dataplane/ip4.h"

#define WEIR_IP6_HEADERS_MAX 8 /* extension headers walked; more is a finding, not a shrug */
#define WEIR_IP6_OPTION_HOME_ADDRESS 201 /* RFC 6275 6.3 */

/* Headers seen, to find repeated ones. */
enum weir_ip6_seen {
    WEIR_IP6_SEEN_HOPOPTS = 1 << 0,
    WEIR_IP6_SEEN_ROUTING = 1 << 1,
    WEIR_IP6_SEEN_FRAGMENT = 1 << 2,
    WEIR_IP6_SEEN_AH = 1 << 3,
    WEIR_IP6_SEEN_DSTOPTS = 1 << 4,
    WEIR_IP6_SEEN_DSTOPTS_LAST =
        1 << 5, /* RFC 8200 4.1: once before a routing header, once at the end */
    WEIR_IP6_SEEN_MOBILITY = 1 << 6,
    WEIR_IP6_SEEN_HIP = 1 << 7,
    WEIR_IP6_SEEN_SHIM6 = 1 << 8,
};

WEIR_FN void weir_parse_ip6_addrs(struct weir_pkt *p, const struct weir_window *w, __u32 off)
{
    __u32 s[4], d[4];
    __u8 dst_top;

    for (__u32 i = 0; i < 4; i++) {
        s[i] = weir_window_raw32(w, off + 8 + 4 * i);
        d[i] = weir_window_raw32(w, off + 24 + 4 * i);
    }
    __builtin_memcpy(p->src, s, sizeof(s));
    __builtin_memcpy(p->dst, d, sizeof(d));
    p->src_class = weir_addr6_class(weir_ntoh32(s[0]), weir_ntoh32(s[1]), weir_ntoh32(s[2]),
                                    weir_ntoh32(s[3]));
    dst_top = p->dst[0];
    if (WEIR_UNLIKELY(p->src_class != WEIR_ADDR_UNICAST))
        p->traits |= WEIR_TRAIT_SRC_ODD;
    if (dst_top == 0xff)
        p->traits |= WEIR_TRAIT_DST_GROUP;
    if (s[3] == d[3] && s[2] == d[2] && s[1] == d[1] && s[0] == d[0])
        p->traits |= WEIR_TRAIT_SAME_ADDR;
}

/* Replace an address in the pseudo-header sum by the 16 bytes at off. */
WEIR_FN void weir_ip6_pseudo_replace(struct weir_pkt *p, const struct weir_window *w,
                                     const __u8 old[16], __u32 off)
{
    __u64 sum = p->pseudo_adjust;

    if (!weir_window_has(w, off, 16))
        return;
    for (__u32 i = 0; i < 16; i += 4)
        sum += weir_window_raw32(w, off + i);
    sum += (__u16)~weir_sum_fold(weir_sum_addr(old));
    p->pseudo_adjust = weir_sum_fold(sum);
}

/* RFC 8200 8.1: with segments left, the pseudo-header has the final destination. */
WEIR_FN void weir_parse_ip6_routing(struct weir_pkt *p, const struct weir_window *w, __u32 off,
                                    __u32 len)
{
    __u8 type = weir_window_u8(w, off + 2), left = weir_window_u8(w, off + 3);

    if (type == 0)
        p->traits |= WEIR_TRAIT_IP6_RH0;
    if (!left || len < 24)
        return;
    if (type == 0)
        weir_ip6_pseudo_replace(p, w, p->dst, off + len - 16);
    else if (type == 2 || type == 4) /* RFC 6275 6.4; RFC 8754 2: segment list [0] is the last */
        weir_ip6_pseudo_replace(p, w, p->dst, off + 8);
}

/* RFC 6275 6.3: a home address takes the source's place. Its alignment (8n + 6) leaves two places
 * for it, with and without padding in front. */
WEIR_FN void weir_parse_ip6_dstopts(struct weir_pkt *p, const struct weir_window *w, __u32 off,
                                    __u32 len)
{
    if (len < 24)
        return;
    if (weir_window_u8(w, off + 2) == WEIR_IP6_OPTION_HOME_ADDRESS)
        weir_ip6_pseudo_replace(p, w, p->src, off + 4);
    else if (weir_window_u8(w, off + 6) == WEIR_IP6_OPTION_HOME_ADDRESS)
        weir_ip6_pseudo_replace(p, w, p->src, off + 8);
}

WEIR_FN void weir_parse_ip6_fragment(struct weir_pkt *p, const struct weir_window *w, __u32 off)
{
    __u16 field = weir_window_u16(w, off + 2);

    p->traits |= WEIR_TRAIT_FRAGMENT;
    p->fragment_bytes = weir_pkt_limit(p) - off - 8;
    p->fragment_off = field & 0xfff8;
    p->fragment_more = field & 1;
    p->ip_id = weir_window_u32(w, off + 4);
}

WEIR_FN bool weir_ip6_is_extension(__u8 header)
{
    switch (header) {
    case WEIR_IP_HOPOPTS:
    case WEIR_IP_ROUTING:
    case WEIR_IP_FRAGMENT:
    case WEIR_IP_AH:
    case WEIR_IP_DSTOPTS:
    case WEIR_IP_MOBILITY:
    case WEIR_IP_HIP:
    case WEIR_IP_SHIM6:
        return true;
    default:
        return false;
    }
}

/* The bit under which a header is remembered. Destination options may stand twice. */
WEIR_FN __u32 weir_ip6_seen_bit(__u8 header, __u32 seen)
{
    switch (header) {
    case WEIR_IP_HOPOPTS:
        return WEIR_IP6_SEEN_HOPOPTS;
    case WEIR_IP_ROUTING:
        return WEIR_IP6_SEEN_ROUTING;
    case WEIR_IP_FRAGMENT:
        return WEIR_IP6_SEEN_FRAGMENT;
    case WEIR_IP_AH:
        return WEIR_IP6_SEEN_AH;
    case WEIR_IP_DSTOPTS:
        return seen & WEIR_IP6_SEEN_DSTOPTS ? WEIR_IP6_SEEN_DSTOPTS_LAST : WEIR_IP6_SEEN_DSTOPTS;
    case WEIR_IP_MOBILITY:
        return WEIR_IP6_SEEN_MOBILITY;
    case WEIR_IP_HIP:
        return WEIR_IP6_SEEN_HIP;
    default:
        return WEIR_IP6_SEEN_SHIM6;
    }
}

WEIR_FN __u32 weir_ip6_header_bytes(__u8 header, __u8 field)
{
    if (header == WEIR_IP_FRAGMENT)
        return 8;
    if (header == WEIR_IP_AH)
        return ((__u32)field + 2) * 4;
    return ((__u32)field + 1) * 8;
}

WEIR_FN enum weir_outcome weir_ip6_chain_fault(struct weir_pkt *p, __u8 header)
{
    weir_pkt_fault(p, WEIR_TRAIT_IP6_CHAIN, header);
    return WEIR_OUTCOME_IP6_CHAIN;
}

/* An extension header that needs len bytes at off is not whole. */
WEIR_FN enum weir_outcome weir_ip6_header_missing(struct weir_pkt *p, const struct weir_window *w,
                                                  __u8 header, __u32 off, __u32 len, __u32 end)
{
    if (off + len > end && p->fragment_more)
        return weir_ip6_chain_fault(p, header);
    if (off + len > end || off + len > w->wire) {
        p->traits |= WEIR_TRAIT_IP6_LENGTH;
        return WEIR_OUTCOME_IP6_LENGTH;
    }
    /* It is there, behind the window: too long a chain, unless a tunnel's headers stand in front;
     * behind the snap length: the capture's fault. */
    if (w->cap == WEIR_WINDOW_BYTES && !p->tunnels)
        return weir_ip6_chain_fault(p, header);
    return WEIR_OUTCOME_SNAPPED;
}

/* One extension header at the cursor. WEIR_PARSE_ON: stepped over. */
WEIR_FN enum weir_outcome weir_parse_ip6_extension(struct weir_pkt *p, const struct weir_window *w)
{
    __u32 off = weir_pkt_cursor(p), end = weir_pkt_limit(p), len;
    __u8 header = p->proto;

    p->ip6_headers++;
    if (off + 8 > end || !weir_window_has(w, off, 8))
        return weir_ip6_header_missing(p, w, header, off, 8, end);
    len = weir_ip6_header_bytes(header, weir_window_u8(w, off + 1));
    if (off + len > end || off + len > WEIR_WINDOW_BYTES)
        return weir_ip6_header_missing(p, w, header, off, len, end);
    if (weir_pkt_seen(p, weir_ip6_seen_bit(header, p->seen)) ||
        (header == WEIR_IP_HOPOPTS && p->ip6_headers > 1))
        weir_pkt_fault(p, WEIR_TRAIT_IP6_CHAIN, header);
    if (header == WEIR_IP_ROUTING)
        weir_parse_ip6_routing(p, w, off, len);
    else if (header == WEIR_IP_DSTOPTS)
        weir_parse_ip6_dstopts(p, w, off, len);
    else if (header == WEIR_IP_FRAGMENT)
        weir_parse_ip6_fragment(p, w, off);
    p->proto = weir_window_u8(w, off);
    weir_pkt_set_cursor(p, off + len);
    return WEIR_PARSE_ON;
}

/* Walk the chain from p->proto at p->l4_off to the last header. end: of the IP packet, in the
 * frame. */
WEIR_FN enum weir_outcome weir_parse_ip6_chain(struct weir_pkt *p, const struct weir_window *w,
                                               __u32 end)
{
    weir_pkt_walk(p, p->l4_off, end);
    for (int i = 0; i < WEIR_IP6_HEADERS_MAX; i++) {
        enum weir_outcome out;

        if (!weir_ip6_is_extension(p->proto))
            return WEIR_PARSE_ON;
        out = weir_parse_ip6_extension(p, w);
        p->l4_off = weir_pkt_cursor(p);
        if (out != WEIR_PARSE_ON || p->fragment_off)
            return out;
    }
    if (weir_ip6_is_extension(p->proto))
        return weir_ip6_chain_fault(p, p->proto);
    return WEIR_PARSE_ON;
}

WEIR_FN enum weir_outcome weir_parse_ip6(struct weir_pkt *p, const struct weir_window *w, __u32 off)
{
    enum weir_outcome out;
    __u32 end, payload;
    __u8 first;

    p->l3_off = off;
    if (WEIR_UNLIKELY(!weir_window_has(w, off, 40))) {
        out = weir_parse_missing(w, off, 40, WEIR_OUTCOME_IP6_LENGTH);
        if (out == WEIR_OUTCOME_IP6_LENGTH)
            p->traits |= WEIR_TRAIT_IP6_LENGTH;
        return out;
    }
    first = weir_window_u8(w, off);
    if (WEIR_UNLIKELY(first >> 4 != 6)) {
        p->traits |= WEIR_TRAIT_IP_VERSION;
        p->bad_kind = first >> 4;
        return WEIR_OUTCOME_IP_VERSION;
    }
    p->ip_version = 6;
    p->proto = weir_window_u8(w, off + 6);
    p->ttl = weir_window_u8(w, off + 7);
    weir_parse_ip6_addrs(p, w, off);
    payload = weir_window_u16(w, off + 4);
    /* 0 is a jumbogram (RFC 2675) or segmentation offload: the frame tells the length. */
    if (WEIR_UNLIKELY(payload == 0 && p->proto != WEIR_IP_NONE &&
                      (p->proto == WEIR_IP_HOPOPTS || w->wire - off > WEIR_IP4_OFFLOAD_MIN)))
        payload = w->wire - off - 40;
    p->ip_bytes = payload + 40;
    p->l4_off = off + 40;
    end = off + 40 + payload;
    if (p->ttl < 2)
        p->traits |= WEIR_TRAIT_TTL;
    out = weir_parse_ip6_chain(p, w, end);
    p->l4_len = end - p->l4_off;
    if (out != WEIR_PARSE_ON)
        return out;
    if (WEIR_UNLIKELY(end > w->wire))
        p->traits |= WEIR_TRAIT_TRUNCATED;
    return WEIR_PARSE_ON;
}
