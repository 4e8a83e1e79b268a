/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* IPv4: RFC 791, options of the IANA registry "Internet Protocol Version 4 (IPv4) Parameters". */

#include "dataplane/addr.h"
#include "dataplane/ip.h"
#include "dataplane/sum.h"

enum weir_ip4_option {
    WEIR_IP4_OPTION_END = 0,
    WEIR_IP4_OPTION_NOP = 1,
    WEIR_IP4_OPTION_RECORD_ROUTE = 7,
    WEIR_IP4_OPTION_TIMESTAMP = 68,
    WEIR_IP4_OPTION_LSRR = 131,
    WEIR_IP4_OPTION_SSRR = 137,
};

#define WEIR_IP4_OPTIONS_MAX 40
#define WEIR_IP4_DF 0x4000
#define WEIR_IP4_MF 0x2000
#define WEIR_IP4_RESERVED 0x8000
/* A total length of 0 in a frame longer than an Ethernet MTU is segmentation offload seen before
 * the hardware filled the header in (LSO captures, BIG TCP), not a header from the wire. */
#define WEIR_IP4_OFFLOAD_MIN 1500

#define WEIR_TRAITS_BAD_KIND                                                                       \
    (WEIR_TRAIT_IP4_OPTION_BAD | WEIR_TRAIT_IP4_OPTION_TRACE | WEIR_TRAIT_IP6_CHAIN)

/* Note a fault of the IP header; the first one stands in the evidence. */
WEIR_FN void weir_pkt_fault(struct weir_pkt *p, __u64 trait, __u8 kind)
{
    if (!(p->traits & WEIR_TRAITS_BAD_KIND))
        p->bad_kind = kind;
    p->traits |= trait;
}

WEIR_FN __u64 weir_ip4_option_trait(__u8 kind)
{
    switch (kind) {
    case WEIR_IP4_OPTION_LSRR:
    case WEIR_IP4_OPTION_SSRR:
        return WEIR_TRAIT_IP4_OPTION_ROUTE;
    case WEIR_IP4_OPTION_RECORD_ROUTE:
    case WEIR_IP4_OPTION_TIMESTAMP:
        return WEIR_TRAIT_IP4_OPTION_TRACE;
    default:
        return 0;
    }
}

/* Options of RFC 791 3.1 in [off, off + len), len <= 40, all inside the window. */
WEIR_FN void weir_parse_ip4_options(struct weir_pkt *p, const struct weir_window *w, __u32 off,
                                    __u32 len)
{
    weir_pkt_walk(p, off, off + len);
    for (int i = 0; i < WEIR_IP4_OPTIONS_MAX; i++) {
        __u32 at = weir_pkt_cursor(p), left = weir_pkt_limit(p) - at;
        __u8 kind, size;
        __u64 trait;

        if (left - 1 >= WEIR_IP4_OPTIONS_MAX) /* 0, or less */
            return;
        kind = weir_window_u8(w, at);
        if (kind == WEIR_IP4_OPTION_END)
            return;
        if (kind == WEIR_IP4_OPTION_NOP) {
            weir_pkt_set_cursor(p, at + 1);
            continue;
        }
        size = left > 1 ? weir_window_u8(w, at + 1) : 0;
        if (size < 2 || size > left) {
            weir_pkt_fault(p, WEIR_TRAIT_IP4_OPTION_BAD, kind);
            return;
        }
        trait = weir_ip4_option_trait(kind);
        if (weir_pkt_seen(p, 1U << (kind & 31))) /* by number, the low five bits of the kind */
            trait |= WEIR_TRAIT_IP4_OPTION_BAD;
        if (trait)
            weir_pkt_fault(p, trait, kind);
        weir_pkt_set_cursor(p, at + size);
    }
}

WEIR_FN void weir_parse_ip4_addrs(struct weir_pkt *p, const struct weir_window *w, __u32 off)
{
    __u32 src = weir_window_raw32(w, off + 12), dst = weir_window_raw32(w, off + 16);
    __u32 mapped[4] = { 0, 0, weir_ntoh32(0xffff), src };
    __u8 dst_class;

    __builtin_memcpy(p->src, mapped, sizeof(mapped));
    mapped[3] = dst;
    __builtin_memcpy(p->dst, mapped, sizeof(mapped));
    p->src_class = weir_addr4_class(weir_ntoh32(src));
    dst_class = weir_addr4_class(weir_ntoh32(dst));
    if (WEIR_UNLIKELY(p->src_class != WEIR_ADDR_UNICAST))
        p->traits |= WEIR_TRAIT_SRC_ODD;
    if (dst_class == WEIR_ADDR_GROUP)
        p->traits |= WEIR_TRAIT_DST_GROUP;
    if (src == dst)
        p->traits |= WEIR_TRAIT_SAME_ADDR;
}

WEIR_FN void weir_parse_ip4_sum(struct weir_pkt *p, const struct weir_window *w, __u32 off,
                                __u32 len)
{
    __u64 sum = 0;

    for (__u32 i = 0; i < 20; i += 4)
        sum += weir_window_raw32(w, off + i);
    if (WEIR_UNLIKELY(len > 20)) {
        for (__u32 i = 20; i < 60; i += 4) {
            if (i >= len)
                break;
            sum += weir_window_raw32(w, off + i);
        }
    }
    if (weir_sum_fold(sum) != 0xffff)
        p->traits |= WEIR_TRAIT_IP4_CHECKSUM;
}

WEIR_FN void weir_parse_ip4_fragment(struct weir_pkt *p, __u16 field)
{
    p->fragment_df = !!(field & WEIR_IP4_DF);
    if (WEIR_LIKELY(!(field & ~WEIR_IP4_DF)))
        return;
    if (field & WEIR_IP4_RESERVED)
        p->traits |= WEIR_TRAIT_IP4_RESERVED;
    if (!(field & 0x3fff))
        return;
    p->traits |= WEIR_TRAIT_FRAGMENT;
    p->fragment_bytes = p->l4_len;
    p->fragment_more = !!(field & WEIR_IP4_MF);
    p->fragment_off = (__u32)(field & 0x1fff) * 8;
}

/* The frame ends before the IP header says so, inside a header that matters. */
WEIR_FN enum weir_outcome weir_parse_cut(struct weir_pkt *p)
{
    if (p->ip_version == 6) {
        p->traits |= WEIR_TRAIT_IP6_LENGTH;
        return WEIR_OUTCOME_IP6_LENGTH;
    }
    p->traits |= WEIR_TRAIT_IP4_LENGTH;
    return WEIR_OUTCOME_IP4_LENGTH;
}

/* IPv4 header of so many bytes at off, of which 20 are in the window. */
WEIR_FN enum weir_outcome weir_parse_ip4_header(struct weir_pkt *p, const struct weir_window *w,
                                                __u32 off, __u32 header)
{
    __u32 total = weir_window_u16(w, off + 2), frame = w->wire - off;

    p->l3_off = off;
    p->ip_version = 4;
    if (WEIR_UNLIKELY(total == 0 && frame > WEIR_IP4_OFFLOAD_MIN))
        total = frame;
    p->ip_bytes = total;
    p->l4_off = off + header;
    p->l4_len = total - header;
    p->ip_id = weir_window_u16(w, off + 4);
    p->ttl = weir_window_u8(w, off + 8);
    p->proto = weir_window_u8(w, off + 9);
    weir_parse_ip4_addrs(p, w, off);
    if (WEIR_UNLIKELY(header < 20 || header > total || header > frame)) {
        p->traits |= WEIR_TRAIT_IP4_LENGTH;
        return WEIR_OUTCOME_IP4_LENGTH;
    }
    if (WEIR_UNLIKELY(!weir_window_has(w, off, header)))
        return WEIR_OUTCOME_SNAPPED;
    weir_parse_ip4_sum(p, w, off, header);
    if (WEIR_UNLIKELY(header > 20))
        weir_parse_ip4_options(p, w, off + 20, header - 20);
    weir_parse_ip4_fragment(p, weir_window_u16(w, off + 6));
    if (p->ttl < 2)
        p->traits |= WEIR_TRAIT_TTL;
    if (WEIR_UNLIKELY(total > frame))
        p->traits |= WEIR_TRAIT_TRUNCATED;
    return WEIR_PARSE_ON;
}

/* IPv4 header at off. On WEIR_PARSE_ON p->proto, l4_off and l4_len lead to what it carries. */
WEIR_FN enum weir_outcome weir_parse_ip4(struct weir_pkt *p, const struct weir_window *w, __u32 off)
{
    __u8 first;

    p->l3_off = off;
    if (WEIR_UNLIKELY(!weir_window_has(w, off, 20))) {
        enum weir_outcome out = weir_parse_missing(w, off, 20, WEIR_OUTCOME_IP4_LENGTH);

        if (out == WEIR_OUTCOME_IP4_LENGTH)
            p->traits |= WEIR_TRAIT_IP4_LENGTH;
        return out;
    }
    first = weir_window_u8(w, off);
    if (WEIR_UNLIKELY(first >> 4 != 4)) {
        p->traits |= WEIR_TRAIT_IP_VERSION;
        p->bad_kind = first >> 4;
        return WEIR_OUTCOME_IP_VERSION;
    }
    return weir_parse_ip4_header(p, w, off, (first & 15) * 4);
}
