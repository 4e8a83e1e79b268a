/* SPDX-License-Identifier: Apache-2.0 */
#include "base/word.h"

#include <string.h>

unsigned weir_word_distance(const char *a, const char *b)
{
    unsigned row[WEIR_WORD_MAX + 1];
    size_t an = strlen(a), bn = strlen(b);

    if (an > WEIR_WORD_MAX || bn > WEIR_WORD_MAX)
        return WEIR_WORD_MAX;
    for (size_t j = 0; j <= bn; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= an; i++) {
        unsigned corner = row[0]++;

        for (size_t j = 1; j <= bn; j++) {
            unsigned best = corner + (a[i - 1] != b[j - 1]);

            corner = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[bn];
}

void weir_word_try(struct weir_word_guess *g, const char *candidate)
{
    unsigned d = weir_word_distance(g->word, candidate);

    if (d > WEIR_WORD_NEAR || (g->meant && d >= g->distance))
        return;
    g->meant = candidate;
    g->distance = d;
}
