/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Answers about many keys in little memory, for keys that an attacker chooses. All take a keyed
 * hash of the key (hash.h). */

#include "dataplane/fn.h"

/* How many different keys? HyperLogLog (Flajolet, Fusy, Gandouet, Meunier 2007), 64 registers: the
 * standard error is 1.04 / sqrt(64) = 13 %. Below 160, linear counting (Whang et al. 1990). */
#define WEIR_HLL_REGISTERS 64

WEIR_FN __u32 weir_hll_rank(__u64 rest)
{
    __u32 n = 1;

    for (__u32 half = 32; half; half >>= 1) {
        if (!(rest & ((1ULL << half) - 1))) {
            rest >>= half;
            n += half;
        }
    }
    return n;
}

/* Registers only grow, so of two CPUs that write one the loser loses one key in many. */
WEIR_FN void weir_hll_add(__u8 registers[WEIR_HLL_REGISTERS], __u64 hash)
{
    __u8 *r = &registers[hash & (WEIR_HLL_REGISTERS - 1)];
    __u64 rest = hash >> 6 | 1ULL << 57; /* so that there is a bit to find */

    if (rest & ((1ULL << (*r & 63)) - 1)) /* rank is not above *r: the common case */
        return;
    *r = (__u8)weir_hll_rank(rest);
}

/* Without a branch in its loop, each of which would double what the verifier goes through. */
WEIR_FN __u32 weir_hll_estimate(const __u8 registers[WEIR_HLL_REGISTERS])
{
    /* 16 * 64 * ln(64 / empty registers) */
    static const __u16 few[WEIR_HLL_REGISTERS + 1] = {
        0,    4259, 3549, 3134, 2839, 2611, 2424, 2266, 2129, 2009, 1901, 1803, 1714,
        1632, 1556, 1486, 1420, 1357, 1299, 1244, 1191, 1141, 1093, 1048, 1004, 963,
        922,  884,  847,  811,  776,  742,  710,  678,  648,  618,  589,  561,  534,
        507,  481,  456,  431,  407,  384,  361,  338,  316,  295,  273,  253,  233,
        213,  193,  174,  155,  137,  119,  101,  83,   66,   49,   33,   16,   0,
    };
    __u64 sum = 0, estimate;
    __u32 empty = 0;

    for (__u32 i = 0; i < WEIR_HLL_REGISTERS; i++) {
        __u32 rank = registers[i], none = rank - 1;

        __asm__ volatile("" : "+r"(none));
        empty += none >> 31;
        sum += 1ULL << 32 >> (rank & 63);
    }
    estimate = (2904ULL << 32) / (sum | 1); /* alpha_64 * 64^2 = 0.709 * 4096 */
    if (estimate <= 160 && empty)
        return few[empty & 127 & ~(empty >> 7)] / 16U;
    return estimate > 0xffffffffU ? 0xffffffffU : (__u32)estimate;
}

/* Which key makes up most of the stream, if any makes up more than half? Majority vote of Boyer and
 * Moore (1991), votes bounded so that a new majority wins after so many keys. */
#define WEIR_VOTES_MAX 255

WEIR_FN void weir_vote(__u32 *candidate, __u32 *votes, __u32 key)
{
    if (*candidate == key) {
        if (*votes < WEIR_VOTES_MAX)
            (*votes)++;
    } else if (*votes) {
        (*votes)--;
    } else {
        *candidate = key;
        *votes = 1;
    }
}

/* The votes of two streams, as of one (Agarwal et al., Mergeable Summaries, 2012, with one
 * counter). */
WEIR_FN void weir_vote_merge(__u32 *candidate, __u32 *votes, __u32 other, __u32 other_votes)
{
    if (*candidate == other) {
        *votes += other_votes;
    } else if (*votes >= other_votes) {
        *votes -= other_votes;
    } else {
        *candidate = other;
        *votes = other_votes - *votes;
    }
}
