/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Numbers of a record: sums, rates, averages. Two beats stand for a second. */

#include "dataplane/dest.h"

/* Packets of a kind in the newest second that was over. */
WEIR_FN __u32 weir_dest_rate(const struct weir_dest *s, enum weir_seen n)
{
    return s->beat[0][n] + s->beat[1][n];
}

/* One CPU's part of a sum. */
WEIR_FN void weir_dest_add(struct weir_dest_cpu *sum, const struct weir_dest_cpu *cpu)
{
    weir_vote_merge(&sum->mark, &sum->votes, cpu->mark, cpu->votes);
    for (__u32 i = 0; i < WEIR_SEEN_MAX; i++)
        sum->seen[i] += cpu->seen[i];
    for (__u32 i = 0; i < WEIR_SURGES; i++)
        sum->hit[i] += cpu->hit[i];
}

/* a * 2^(-beats / 111.76): half-life 60 s. */
WEIR_FN __u32 weir_decay(__u32 a, __u32 beats)
{
    static const __u16 power[7] = { 65131, 64728, 63930, 62364, 59345, 53739, 44065 };

    if (beats >= 112 * 31)
        return 0;
    a >>= beats / 112;
    beats %= 112;
    for (__u32 k = 0; k < 7; k++)
        if (beats >> k & 1)
            a = (__u32)((__u64)a * power[k] >> 16);
    return a;
}

/* One beat's step of an average over the same time; in 1/16. */
WEIR_FN __u32 weir_average(__u32 average, __u32 value)
{
    __u32 v = value < 1U << 27 ? value * 16 : 1U << 31;

    if (v > average)
        return average + (__u32)(((__u64)(v - average) * 405 + 65535) >> 16);
    return average - (__u32)((__u64)(average - v) * 405 >> 16);
}

WEIR_FN __u32 weir_least(__u32 a, __u32 b)
{
    return a < b ? a : b;
}

WEIR_FN __u32 weir_most(__u32 a, __u32 b)
{
    return a > b ? a : b;
}

WEIR_FN __u32 weir_less(__u32 a, __u32 b)
{
    return a > b ? a - b : 0;
}

/* For people: of 10^9 ns. */
WEIR_FN __u32 weir_per_second(__u32 rate)
{
    return (__u32)((__u64)rate * 954 >> 10);
}

WEIR_FN __u32 weir_percent(__u32 part, __u32 all)
{
    return all ? (__u32)((__u64)weir_least(part, all) * 100 / all) : 0;
}
