/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reproducible random numbers for property tests (SplitMix64). A failure names the seed of its
 * round, which alone repeats it. */

#include <linux/types.h>
#include <stddef.h>

struct weir_random {
    __u64 state;
};

static inline __u64 weir_random_next(struct weir_random *r)
{
    __u64 z = r->state += 0x9e3779b97f4a7c15ULL;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
}

/* In [0, n). */
static inline __u32 weir_random_below(struct weir_random *r, __u32 n)
{
    return (__u32)(weir_random_next(r) % n);
}

static inline void weir_random_bytes(struct weir_random *r, __u8 *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        b[i] = (__u8)weir_random_next(r);
}
