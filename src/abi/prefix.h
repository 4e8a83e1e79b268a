/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The index in front of the maps of denied prefixes. It says which prefix lengths are worth a
 * look-up for a source, and mostly that none is. Every entry has its bits set while it stands; bits
 * of entries that are gone may stay and only cost time (docs/decisions/004). */

#include <linux/types.h>

/* Which lengths occur, by block: for IPv4 the first 16 bits of the source, for IPv6 a hash of the
 * first 32. The longest length is the lowest bit: 32 - length, 128 - length. ::/0 has no bit but
 * WEIR_PREFIXES_ALL in weir_control. */
#define WEIR_PREFIX_BLOCK_BITS 16
#define WEIR_PREFIX_BLOCKS (1 << WEIR_PREFIX_BLOCK_BITS)

struct weir_lengths {
    __u64 w[2];
};
_Static_assert(sizeof(struct weir_lengths) == 16, "ABI: prefix lengths");

/* struct weir_control.prefixes6 */
#define WEIR_PREFIXES_ANY 1
#define WEIR_PREFIXES_ALL 2 /* ::/0 may be among them */

/* A Bloom filter of one hash over all prefixes of both families, 2 MiB: 100,000 of them let through
 * 0.6 % of the look-ups that find nothing. */
#define WEIR_PREFIX_FILTER_BITS 24
#define WEIR_PREFIX_FILTER_WORDS (1 << (WEIR_PREFIX_FILTER_BITS - 6))

#define WEIR_PREFIX_FN static inline __attribute__((always_inline, unused))
#define WEIR_PREFIX_MIX 0x9e3779b97f4a7c15ULL /* 2^64 / golden ratio: Knuth 6.4 */

/* Masks of a length, on words in host order. */
WEIR_PREFIX_FN __u32 weir_prefix4_mask(__u32 bits)
{
    return (__u32)(~0ULL << ((32 - bits) & 63));
}

WEIR_PREFIX_FN __u64 weir_prefix6_mask_high(__u32 bits)
{
    return bits >= 64 ? ~0ULL : bits ? ~0ULL << ((64 - bits) & 63) : 0;
}

WEIR_PREFIX_FN __u64 weir_prefix6_mask_low(__u32 bits)
{
    return bits > 64 ? ~0ULL << ((128 - bits) & 63) : 0;
}

/* Filter bit of a prefix: its address masked, in host order, and its length. */
WEIR_PREFIX_FN __u32 weir_prefix4_bit(__u32 addr, __u32 bits)
{
    return (__u32)((((__u64)addr << 8 | bits) * WEIR_PREFIX_MIX) >> (64 - WEIR_PREFIX_FILTER_BITS));
}

WEIR_PREFIX_FN __u32 weir_prefix6_bit(__u64 high, __u64 low, __u32 bits)
{
    __u64 h = (high + bits) * WEIR_PREFIX_MIX;

    h = ((h ^ h >> 32) + low) * WEIR_PREFIX_MIX;
    return (__u32)(h >> (64 - WEIR_PREFIX_FILTER_BITS));
}

WEIR_PREFIX_FN __u32 weir_prefix6_block(__u32 first)
{
    return first * 0x9e3779b1U >> (32 - WEIR_PREFIX_BLOCK_BITS);
}
