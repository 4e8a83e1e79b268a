/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Words that people mistype. */

#include <stddef.h>

#define WEIR_WORD_MAX 48 /* bytes; longer words are far from all */
#define WEIR_WORD_NEAR 2 /* slips of the keyboard that are still understood */

/* Insertions, deletions and replacements between two words (Levenshtein). */
unsigned weir_word_distance(const char *a, const char *b);

/* The nearest of several candidates, handed in one by one. Begin with { .word = ... }. */
struct weir_word_guess {
    const char *word;
    const char *meant; /* NULL: none is near */
    unsigned distance;
};

void weir_word_try(struct weir_word_guess *g, const char *candidate);
