/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Denied prefixes as the packet path finds them (docs/decisions/004). The loader is the only writer
 * of all of it, one word at a time. */

#include "abi/ban.h"

/* IPv4: a trie of nodes for four bits each. The first nodes stand for the first 12 bits of a
 * source, so that a /24 is found in the third node. A slot is 0, an entry, or with the top bit set
 * another node; every slot already holds the longest prefix that covers it, and entries are linked
 * from there to the next shorter one. */
#define WEIR_TRIE_ROOT_BITS 12
#define WEIR_TRIE_ROOTS (1 << WEIR_TRIE_ROOT_BITS)
#define WEIR_TRIE_BITS 4
#define WEIR_TRIE_SLOTS (1 << WEIR_TRIE_BITS)
#define WEIR_TRIE_DEPTH ((32 - WEIR_TRIE_ROOT_BITS) / WEIR_TRIE_BITS)
#define WEIR_TRIE_NODE 0x80000000U

/* Nodes beyond those of the entries: the largest /16 there can be, so that it can be built beside
 * itself while all others are in use. */
#define WEIR_TRIE_SLACK (1 + 16 + 256 + 4096)

struct weir_trie_node {
    __u32 slot[WEIR_TRIE_SLOTS];
};
_Static_assert(sizeof(struct weir_trie_node) == 64, "ABI: node, one cache line");

struct weir_prefix4_entry {
    struct weir_ban ban; /* kind WEIR_BAN_NONE: free, or about to be */
    __u32 addr;          /* host order, masked */
    __u32 link;          /* length, and below it the entry of the next shorter prefix, 0 for none */
};
_Static_assert(sizeof(struct weir_prefix4_entry) == 32, "ABI: prefix entry, half a cache line");

/* Entries beyond limits.prefixes: number 0, and those that a batch enters before it takes away the
 * ones that they replace. */
#define WEIR_PREFIX4_SLACK (1 + 4096)

#define WEIR_PREFIX4_LINK 0x00ffffffU
#define WEIR_PREFIX4_LENGTH_SHIFT 24

/* IPv6: exact look-ups, one for each prefix length that an index says is worth it; mostly none is.
 * An entry has its bits there while it stands; bits of entries that are gone may stay and only cost
 * time. Lengths are kept by a hash of the first 32 bits, the longest is the lowest bit: 128 -
 * length.
 * ::/0 has no bit but WEIR_PREFIXES_ALL in weir_control. */
#define WEIR_PREFIX6_BLOCK_BITS 16
#define WEIR_PREFIX6_BLOCKS (1 << WEIR_PREFIX6_BLOCK_BITS)

struct weir_lengths6 {
    __u64 w[2];
};
_Static_assert(sizeof(struct weir_lengths6) == 16, "ABI: IPv6 prefix lengths");

/* struct weir_control.prefixes6 */
#define WEIR_PREFIXES_ANY 1
#define WEIR_PREFIXES_ALL 2 /* ::/0 may be among them */

/* A Bloom filter of one hash over all of them, 1 MiB: 100,000 let through 1.2 % of the look-ups
 * that find nothing. */
#define WEIR_PREFIX6_FILTER_BITS 23
#define WEIR_PREFIX6_FILTER_WORDS (1 << (WEIR_PREFIX6_FILTER_BITS - 6))

#define WEIR_PREFIX_FN static inline __attribute__((always_inline, unused))
#define WEIR_PREFIX_MIX 0x9e3779b97f4a7c15ULL /* 2^64 / golden ratio: Knuth 6.4 */

/* Masks of a length, on the two words of an address in host order. */
WEIR_PREFIX_FN __u64 weir_prefix6_mask_high(__u32 bits)
{
    return bits >= 64 ? ~0ULL : bits ? ~0ULL << ((64 - bits) & 63) : 0;
}

WEIR_PREFIX_FN __u64 weir_prefix6_mask_low(__u32 bits)
{
    return bits > 64 ? ~0ULL << ((128 - bits) & 63) : 0;
}

/* Filter bit of a prefix: its address masked, in host order, and its length. */
WEIR_PREFIX_FN __u32 weir_prefix6_bit(__u64 high, __u64 low, __u32 bits)
{
    __u64 h = (high + bits) * WEIR_PREFIX_MIX;

    h = ((h ^ h >> 32) + low) * WEIR_PREFIX_MIX;
    return (__u32)(h >> (64 - WEIR_PREFIX6_FILTER_BITS));
}

WEIR_PREFIX_FN __u32 weir_prefix6_block(__u32 first)
{
    return first * 0x9e3779b1U >> (32 - WEIR_PREFIX6_BLOCK_BITS);
}
