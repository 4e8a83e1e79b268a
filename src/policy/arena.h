/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Memory that lives and dies together: a policy is read, used and freed as a whole. */

#include <stddef.h>

struct weir_arena_block;

struct weir_arena {
    struct weir_arena_block *newest;
    size_t left; /* in the newest */
};

/* Zeroed and aligned for anything; NULL when memory ended. */
void *weir_arena_get(struct weir_arena *a, size_t bytes);
/* With its end. */
char *weir_arena_text(struct weir_arena *a, const char *text, size_t len);
void weir_arena_free(struct weir_arena *a);
