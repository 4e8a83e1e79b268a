/* SPDX-License-Identifier: Apache-2.0 */
#include "vectors/vectors.h"

#include <assert.h>
#include <string.h>

#define VECTORS_MAX 512

static void take(struct weir_vector *all, size_t *n, const struct weir_vector *group,
                 size_t group_n)
{
    assert(*n + group_n <= VECTORS_MAX);
    memcpy(all + *n, group, group_n * sizeof(*group));
    *n += group_n;
}

const struct weir_vector *weir_vectors(size_t *ret_n)
{
    static struct weir_vector all[VECTORS_MAX];
    size_t n = 0;

#define TAKE(group) take(all, &n, weir_vectors_##group, weir_vectors_##group##_n);
    VECTOR_GROUPS(TAKE)
#undef TAKE
    *ret_n = n;
    return all;
}
