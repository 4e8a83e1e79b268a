/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* TCP options: RFC 9293 3.2 and the IANA registry "TCP Option Kind Numbers". */

#include "dataplane/ip4.h"

enum weir_tcp_kind {
    WEIR_KIND_END = 0,
    WEIR_KIND_NOP = 1,
    WEIR_KIND_MSS = 2,
    WEIR_KIND_WSCALE = 3,
    WEIR_KIND_SACK_OK = 4,
    WEIR_KIND_SACK = 5,
    WEIR_KIND_TIMESTAMPS = 8,
    WEIR_KIND_MD5 = 19,
    WEIR_KIND_USER_TIMEOUT = 28,
    WEIR_KIND_AO = 29,
    WEIR_KIND_MPTCP = 30,
    WEIR_KIND_FASTOPEN = 34,
    WEIR_KIND_EXPERIMENT_1 = 253,
    WEIR_KIND_EXPERIMENT_2 = 254,
};

#define WEIR_FASTOPEN_MAGIC 0xf989 /* RFC 7413 4.1.1: Fast Open before kind 34 was given */
#define WEIR_MPTCP_JOIN 1 /* RFC 8684 3.2: subtype, in the high half of the value's first byte */
#define WEIR_TCP_HEADER 20
#define WEIR_TCP_OPTIONS_MAX 40
/* NOP, NOP, Timestamps: what nearly every established segment carries (RFC 7323 appendix A). */
#define WEIR_OPTIONS_TIMESTAMPS_ONLY 0x0101080a

/* Kinds 6, 7 (RFC 1072), 9 to 18, 20 to 26 and up to 27 of the registry are obsolete, historic or
 * never deployed; Snort 116:56-58. */
WEIR_FN bool weir_tcp_kind_obsolete(__u8 kind)
{
    return kind == 6 || kind == 7 || (kind >= 9 && kind <= 18) || (kind >= 20 && kind <= 27);
}

/* Fast Open cookies are 4 to 16 bytes and even, or absent as a request (RFC 7413 4.1.1). */
WEIR_FN bool weir_fastopen_len_ok(__u8 len)
{
    return len == 2 || (len >= 6 && len <= 18 && !(len & 1));
}

/* Length rules; sources as in docs/detections.md, integrity.tcp_option_length. */
WEIR_FN bool weir_tcp_option_len_ok(__u8 kind, __u8 len)
{
    switch (kind) {
    case WEIR_KIND_MSS:
        return len == 4;
    case WEIR_KIND_WSCALE:
        return len == 3;
    case WEIR_KIND_SACK_OK:
        return len == 2;
    case WEIR_KIND_SACK:
        return len == 10 || len == 18 || len == 26 || len == 34;
    case WEIR_KIND_TIMESTAMPS:
        return len == 10;
    case WEIR_KIND_MD5:
        return len == 18;
    case WEIR_KIND_USER_TIMEOUT:
        return len == 4;
    case WEIR_KIND_AO:
        return len >= 4;
    case WEIR_KIND_FASTOPEN:
        return weir_fastopen_len_ok(len);
    default:
        return true;
    }
}

WEIR_FN __u16 weir_tcp_option_bit(__u8 kind)
{
    switch (kind) {
    case WEIR_KIND_MSS:
        return WEIR_OPTION_MSS;
    case WEIR_KIND_WSCALE:
        return WEIR_OPTION_WSCALE;
    case WEIR_KIND_SACK_OK:
        return WEIR_OPTION_SACK_OK;
    case WEIR_KIND_SACK:
        return WEIR_OPTION_SACK;
    case WEIR_KIND_TIMESTAMPS:
        return WEIR_OPTION_TIMESTAMPS;
    case WEIR_KIND_MD5:
        return WEIR_OPTION_MD5;
    case WEIR_KIND_AO:
        return WEIR_OPTION_AO;
    case WEIR_KIND_FASTOPEN:
        return WEIR_OPTION_FASTOPEN;
    case WEIR_KIND_MPTCP:
        return WEIR_OPTION_MPTCP;
    default:
        return WEIR_OPTION_OTHER;
    }
}

/* Highest right edge of the 1 to 4 blocks at off (RFC 2018 3). */
WEIR_FN void weir_parse_tcp_sack(struct weir_pkt *p, const struct weir_window *w, __u8 len,
                                 __u32 off)
{
    p->sack_off = (__u16)off;
    p->sack_high = p->ack;
    for (__u32 i = 0; i < 4; i++) {
        __u32 right;

        if (2 + 8 * i >= len)
            return;
        right = weir_window_u32(w, off + 8 * i + 4);
        if ((__s32)(right - p->sack_high) > 0)
            p->sack_high = right;
    }
}

/* Decode one option of right length whose value starts at off. */
WEIR_FN void weir_parse_tcp_option_value(struct weir_pkt *p, const struct weir_window *w, __u8 kind,
                                         __u8 len, __u32 off)
{
    switch (kind) {
    case WEIR_KIND_MSS:
        p->mss = weir_window_u16(w, off);
        break;
    case WEIR_KIND_WSCALE:
        p->wscale = weir_window_u8(w, off);
        break;
    case WEIR_KIND_TIMESTAMPS:
        p->tsval = weir_window_u32(w, off);
        p->tsecr = weir_window_u32(w, off + 4);
        break;
    case WEIR_KIND_SACK:
        weir_parse_tcp_sack(p, w, len, off);
        break;
    case WEIR_KIND_MPTCP:
        if (len > 2 && weir_window_u8(w, off) >> 4 == WEIR_MPTCP_JOIN)
            p->options |= WEIR_OPTION_MPTCP_JOIN;
        break;
    case WEIR_KIND_EXPERIMENT_2:
        if (len >= 4 && weir_window_u16(w, off) == WEIR_FASTOPEN_MAGIC)
            p->options |= WEIR_OPTION_FASTOPEN;
        break;
    default:
        break;
    }
}

/* Faults of options, the gravest first: the order of their rows. */
#define WEIR_TRAITS_OPTION_TWICE (WEIR_TRAIT_OPTION_LENGTH | WEIR_TRAIT_OPTION_TWICE)
#define WEIR_TRAITS_OPTION_AFTER_END (WEIR_TRAITS_OPTION_TWICE | WEIR_TRAIT_OPTION_AFTER_END)
#define WEIR_TRAITS_OPTION_OBSOLETE (WEIR_TRAITS_OPTION_AFTER_END | WEIR_TRAIT_OPTION_OBSOLETE)

/* Note a fault of an option. over: the traits of this and graver faults, whose evidence stays. */
WEIR_FN void weir_option_fault(struct weir_pkt *p, __u64 trait, __u64 over, __u8 kind, __u8 len)
{
    if (!(p->traits & over)) {
        p->option_kind = kind;
        p->option_len = len;
    }
    p->traits |= trait;
}

/* Bytes behind End of Option List must be padding of zeros (RFC 9293 3.1, "Padding"). */
WEIR_FN void weir_parse_tcp_padding(struct weir_pkt *p, const struct weir_window *w)
{
    for (int i = 0; i < WEIR_TCP_OPTIONS_MAX; i++) {
        __u32 at = weir_pkt_cursor(p);

        if (at >= weir_pkt_limit(p))
            return;
        if (weir_window_u8(w, at)) {
            weir_option_fault(p, WEIR_TRAIT_OPTION_AFTER_END, WEIR_TRAITS_OPTION_AFTER_END,
                              WEIR_KIND_END, weir_window_u8(w, at));
            return;
        }
        weir_pkt_set_cursor(p, at + 1);
    }
}

/* One option of right outer length at off. */
WEIR_FN void weir_parse_tcp_option(struct weir_pkt *p, const struct weir_window *w, __u32 off,
                                   __u8 kind, __u8 size)
{
    __u16 bit = weir_tcp_option_bit(kind);

    /* Options of one kind may stand twice where the registry lets them: MPTCP has subtypes. */
    if (bit != WEIR_OPTION_OTHER && bit != WEIR_OPTION_MPTCP && p->options & bit)
        weir_option_fault(p, WEIR_TRAIT_OPTION_TWICE, WEIR_TRAITS_OPTION_TWICE, kind, size);
    p->options |= bit;
    if (weir_tcp_option_len_ok(kind, size))
        weir_parse_tcp_option_value(p, w, kind, size, off + 2);
    else
        weir_option_fault(p, WEIR_TRAIT_OPTION_LENGTH, WEIR_TRAIT_OPTION_LENGTH, kind, size);
    if (weir_tcp_kind_obsolete(kind))
        weir_option_fault(p, WEIR_TRAIT_OPTION_OBSOLETE, WEIR_TRAITS_OPTION_OBSOLETE, kind, size);
}

/* Options in [off, off + len), len <= 40, all inside the window. */
WEIR_FN void weir_walk_tcp_options(struct weir_pkt *p, const struct weir_window *w, __u32 off,
                                   __u32 len)
{
    weir_pkt_walk(p, off, off + len);
    for (int i = 0; i < WEIR_TCP_OPTIONS_MAX; i++) {
        __u32 at = weir_pkt_cursor(p), left = weir_pkt_limit(p) - at;
        __u8 kind, size;

        if (left - 1 >= WEIR_TCP_OPTIONS_MAX) /* 0, or less */
            return;
        kind = weir_window_u8(w, at);
        if (kind == WEIR_KIND_NOP) {
            weir_pkt_set_cursor(p, at + 1);
            continue;
        }
        if (kind == WEIR_KIND_END) {
            weir_pkt_set_cursor(p, at + 1);
            break;
        }
        size = left > 1 ? weir_window_u8(w, at + 1) : 0;
        if (size < 2 || size > left) {
            weir_option_fault(p, WEIR_TRAIT_OPTION_LENGTH, WEIR_TRAIT_OPTION_LENGTH, kind, size);
            return;
        }
        weir_parse_tcp_option(p, w, at, kind, size);
        weir_pkt_set_cursor(p, at + size);
    }
    weir_parse_tcp_padding(p, w);
}

/* The options of a header that weir_parse_tcp() has read. */
WEIR_FN enum weir_outcome weir_parse_tcp_options(struct weir_pkt *p, const struct weir_window *w)
{
    __u32 off = p->l4_off + WEIR_TCP_HEADER;

    weir_walk_tcp_options(p, w, off, p->payload_off - off);
    if (!(p->tcp_flags & WEIR_SYN) &&
        p->options & (WEIR_OPTION_MSS | WEIR_OPTION_WSCALE | WEIR_OPTION_SACK_OK))
        p->traits |= WEIR_TRAIT_OPTION_SYN_ONLY;
    return WEIR_OUTCOME_TCP;
}
