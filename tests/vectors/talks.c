/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors/talks.h"

#include <stdlib.h>

#define TALKS_MAX 512

static void take(struct weir_talk *to, size_t *n, const struct weir_talk *group, size_t group_n)
{
    if (*n + group_n > TALKS_MAX)
        abort();
    for (size_t i = 0; i < group_n; i++)
        to[*n + i] = group[i];
    *n += group_n;
}

const struct weir_talk *weir_talks(size_t *ret_n)
{
    static struct weir_talk all[TALKS_MAX];
    size_t n = 0;

#define TAKE(group) take(all, &n, weir_talks_##group, weir_talks_##group##_n);
    TALK_GROUPS(TAKE)
#undef TAKE
    *ret_n = n;
    return all;
}
