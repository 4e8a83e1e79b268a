/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Sets of 256 bits, for distinct counting. Plain reads and writes: of two CPUs that set a bit in
 * one word at the same moment one loses, which costs evidence and never makes any. */

#include "abi/source.h"
#include "dataplane/fn.h"

WEIR_FN bool weir_contacts_has(const struct weir_contacts *c, __u32 bit)
{
    return c->w[bit >> 6 & (WEIR_CONTACT_WORDS - 1)] >> (bit & 63) & 1;
}

WEIR_FN void weir_contacts_add(struct weir_contacts *c, __u32 bit)
{
    c->w[bit >> 6 & (WEIR_CONTACT_WORDS - 1)] |= 1ULL << (bit & 63);
}

WEIR_FN void weir_contacts_remove(struct weir_contacts *c, __u32 bit)
{
    c->w[bit >> 6 & (WEIR_CONTACT_WORDS - 1)] &= ~(1ULL << (bit & 63));
}

/* Bits of a word that are set; without an instruction for it, and none in BPF (Warren, Hacker's
 * Delight, 5-1). */
WEIR_FN __u32 weir_popcount(__u64 v)
{
    v -= v >> 1 & 0x5555555555555555ULL;
    v = (v & 0x3333333333333333ULL) + (v >> 2 & 0x3333333333333333ULL);
    v = (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
    return (__u32)(v * 0x0101010101010101ULL >> 56);
}

WEIR_FN __u32 weir_contacts_count(const struct weir_contacts *c)
{
    __u32 n = 0;

    for (int i = 0; i < WEIR_CONTACT_WORDS; i++)
        n += weir_popcount(c->w[i]);
    return n;
}

/* Members of a that are not in b. */
WEIR_FN __u32 weir_contacts_count_without(const struct weir_contacts *a,
                                          const struct weir_contacts *b)
{
    __u32 n = 0;

    for (int i = 0; i < WEIR_CONTACT_WORDS; i++)
        n += weir_popcount(a->w[i] & ~b->w[i]);
    return n;
}
