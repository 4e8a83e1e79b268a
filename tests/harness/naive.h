/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the automaton is checked with: every pattern compared at every place. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline uint8_t naive_fold(uint8_t b, bool fold)
{
    return fold && b >= 'A' && b <= 'Z' ? b | 0x20 : b;
}

/* Does the pattern end at text[end - 1]? */
static inline bool naive_ends(const uint8_t *text, size_t end, const uint8_t *pattern, size_t len,
                              bool fold)
{
    if (len > end)
        return false;
    for (size_t i = 0; i < len; i++)
        if (naive_fold(text[end - len + i], fold) != naive_fold(pattern[i], fold))
            return false;
    return true;
}
