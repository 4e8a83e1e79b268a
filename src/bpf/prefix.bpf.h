/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Denied prefixes: the longest that holds for this packet (abi/prefix.h). Global functions, as all
 * stages: they are verified once, and the states of a loop do not multiply with the caller's. */

#include "ban.bpf.h"

#include "abi/prefix.h"

/* The entry of the longest prefix that covers an address, 0 for none. */
static __always_inline __u32 weir_trie_find(__u32 addr)
{
    __u32 at = addr >> (32 - WEIR_TRIE_ROOT_BITS);

#pragma clang loop unroll(full)
    for (int i = 1; i <= WEIR_TRIE_DEPTH; i++) {
        __u32 shift = 32 - WEIR_TRIE_ROOT_BITS - i * WEIR_TRIE_BITS;
        struct weir_trie_node *node = bpf_map_lookup_elem(&prefix4_node, &at);

        if (!node)
            return 0;
        at = *(volatile __u32 *)&node->slot[addr >> shift & (WEIR_TRIE_SLOTS - 1)];
        if (!(at & WEIR_TRIE_NODE))
            return at;
        at &= ~WEIR_TRIE_NODE;
    }
    return 0;
}

/* src: as on the wire. Never WEIR_EARLY_UNKNOWN. */
__noinline int weir_stage_prefix4(__u32 src, __u32 hook, __u32 about)
{
    __u32 at = weir_trie_find(weir_ntoh32(src));

    for (int i = 0; i <= 32 && at; i++) {
        struct weir_prefix4_entry *entry = bpf_map_lookup_elem(&prefix4, &at);
        enum weir_early found;

        if (!entry)
            return WEIR_EARLY_CLEAR;
        found = weir_ban_holds(hook, &entry->ban, about);
        if (found != WEIR_EARLY_UNKNOWN)
            return found;
        at = *(volatile __u32 *)&entry->link & WEIR_PREFIX4_LINK;
    }
    return WEIR_EARLY_CLEAR;
}

/* Number of the lowest bit set: BPF has no instruction for it. By de Bruijn sequence, as
 * https://www.chessprogramming.org/BitScan#De_Bruijn_Multiplication. */
static __always_inline __u32 weir_lowest_bit(__u64 w)
{
    static const __u8 bit[64] = {
        0,  1,  48, 2,  57, 49, 28, 3,  61, 58, 50, 42, 38, 29, 17, 4,  62, 55, 59, 36, 53, 51,
        43, 22, 45, 39, 33, 30, 24, 18, 12, 5,  63, 47, 56, 27, 60, 41, 37, 16, 54, 35, 52, 21,
        44, 32, 23, 11, 46, 26, 40, 15, 34, 20, 31, 10, 25, 14, 19, 9,  13, 8,  7,  6,
    };

    return bit[(w & -w) * 0x03f79d71b4cb0a89ULL >> 58];
}

static __always_inline bool weir_prefix6_filtered(__u32 bit)
{
    __u32 word = bit >> 6;
    __u64 *w = bpf_map_lookup_elem(&prefix6_filter, &word);

    return !w || !(*(volatile __u64 *)w >> (bit & 63) & 1);
}

/* One length. WEIR_EARLY_UNKNOWN: a shorter one may hold. */
__noinline int weir_stage_prefix6_try(const struct weir_ip6 *src, __u32 bits, __u32 hook,
                                      __u32 about)
{
    struct weir_prefix6 key = { .bits = bits };
    struct weir_ban *b;
    __u64 w[2];

    if (!src)
        return WEIR_EARLY_UNKNOWN;
    __builtin_memcpy(w, src, sizeof(w));
    w[0] = weir_ntoh64(w[0]) & weir_prefix6_mask_high(bits);
    w[1] = weir_ntoh64(w[1]) & weir_prefix6_mask_low(bits);
    if (weir_prefix6_filtered(weir_prefix6_bit(w[0], w[1], bits)))
        return WEIR_EARLY_UNKNOWN;
    w[0] = weir_ntoh64(w[0]);
    w[1] = weir_ntoh64(w[1]);
    __builtin_memcpy(key.addr, w, sizeof(key.addr));
    b = bpf_map_lookup_elem(&prefix6, &key);
    return b ? weir_ban_holds(hook, b, about) : WEIR_EARLY_UNKNOWN;
}

/* src: as on the wire. Never WEIR_EARLY_UNKNOWN. */
__noinline int weir_stage_prefix6(const struct weir_ip6 *src, __u32 hook, __u32 about)
{
    struct weir_lengths6 *lengths;
    __u32 first, block;
    int found;

    if (!src)
        return WEIR_EARLY_CLEAR;
    __builtin_memcpy(&first, src, sizeof(first));
    block = weir_prefix6_block(weir_ntoh32(first));
    lengths = bpf_map_lookup_elem(&prefix6_lengths, &block);
    if (!lengths)
        return WEIR_EARLY_CLEAR;
    for (__u32 word = 0; word < 2; word++) {
        __u64 left = *(volatile __u64 *)&lengths->w[word];

        for (int i = 0; i < 64 && left; i++) {
            found =
                weir_stage_prefix6_try(src, 128 - word * 64 - weir_lowest_bit(left), hook, about);
            if (found != WEIR_EARLY_UNKNOWN)
                return found;
            left &= left - 1;
        }
    }
    if (!(*(volatile __u32 *)&control.prefixes6 & WEIR_PREFIXES_ALL))
        return WEIR_EARLY_CLEAR;
    found = weir_stage_prefix6_try(src, 0, hook, about);
    return found == WEIR_EARLY_UNKNOWN ? WEIR_EARLY_CLEAR : found;
}
