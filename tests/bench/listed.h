/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The deny list of the bench, the same for who loads it and who makes packets from it: like the
 * published ones, mostly /24, many shorter, some longer, all over the address space. */

#include <stdint.h>

struct bench_prefix {
    uint32_t addr; /* host order */
    unsigned bits;
};

/* 128.0.0.0 to 223.255.255.255: none of the other streams comes from there. */
static inline uint32_t bench_listed_space(uint32_t random)
{
    uint32_t addr = random | 0x80000000;

    return addr < 0xe0000000 ? addr : addr - 0x40000000;
}

static inline struct bench_prefix bench_listed(uint32_t i)
{
    uint64_t z = (i + 1) * 0x9e3779b97f4a7c15ULL;
    struct bench_prefix p = { 0, 24 };
    unsigned kind;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    z ^= z >> 31;
    kind = z >> 32 & 255;
    if (kind < 64)
        p.bits = 17 + kind % 7; /* a quarter: /17 to /23 */
    else if (kind < 102)
        p.bits = 25 + kind % 7; /* one in seven: /25 to /31 */
    p.addr = bench_listed_space((uint32_t)z) & (uint32_t)(~0U << (32 - p.bits));
    return p;
}
