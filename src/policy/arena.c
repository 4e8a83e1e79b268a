/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK ((size_t)64 * 1024)
#define ALIGN ((size_t)16)

struct weir_arena_block {
    struct weir_arena_block *older;
    size_t size;
    _Alignas(16) uint8_t data[];
};

void *weir_arena_get(struct weir_arena *a, size_t bytes)
{
    struct weir_arena_block *b = a->newest;

    if (bytes > SIZE_MAX / 2)
        return NULL;
    bytes = (bytes + ALIGN - 1) / ALIGN * ALIGN;
    if (!b || a->left < bytes) {
        size_t size = bytes > BLOCK ? bytes : BLOCK;

        b = calloc(1, sizeof(*b) + size);
        if (!b)
            return NULL;
        b->older = a->newest;
        b->size = size;
        a->newest = b;
        a->left = size;
    }
    a->left -= bytes;
    return b->data + (b->size - a->left - bytes);
}

char *weir_arena_text(struct weir_arena *a, const char *text, size_t len)
{
    char *copy = weir_arena_get(a, len + 1);

    if (copy)
        memcpy(copy, text, len);
    return copy;
}

void weir_arena_free(struct weir_arena *a)
{
    struct weir_arena_block *b = a->newest;

    while (b) {
        struct weir_arena_block *older = b->older;

        free(b);
        b = older;
    }
    *a = (struct weir_arena){ 0 };
}
