/* SPDX-License-Identifier: Apache-2.0 */
#include "loader/trie.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

uint32_t weir_trie_mask(uint32_t bits)
{
    return (uint32_t)(~0ULL << (32 - bits));
}

int weir_trie_compare(const void *a, const void *b)
{
    const struct weir_trie_item *x = a, *y = b;

    if (x->addr != y->addr)
        return x->addr < y->addr ? -1 : 1;
    return (x->bits > y->bits) - (x->bits < y->bits);
}

size_t weir_trie_seek(const struct weir_trie_list *l, uint32_t addr, uint32_t bits)
{
    const struct weir_trie_item key = { .addr = addr, .bits = bits };
    size_t from = 0, to = l->n;

    while (from < to) {
        size_t mid = (from + to) / 2;

        if (weir_trie_compare(&l->v[mid], &key) < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

struct weir_trie_item *weir_trie_find(const struct weir_trie_list *l, uint32_t addr, uint32_t bits)
{
    size_t i = weir_trie_seek(l, addr, bits);

    return i < l->n && l->v[i].addr == addr && l->v[i].bits == bits ? &l->v[i] : NULL;
}

uint32_t weir_trie_cover(const struct weir_trie_list *l, uint32_t addr, int bits)
{
    for (; bits >= 0; bits--) {
        const struct weir_trie_item *item =
            l->of_length[bits]
                ? weir_trie_find(l, addr & weir_trie_mask((uint32_t)bits), (uint32_t)bits)
                : NULL;

        if (item)
            return item->entry;
    }
    return 0;
}

/* From behind, so that nothing is overwritten before it is moved. */
int weir_trie_merge(struct weir_trie_list *l, const struct weir_trie_item *items, size_t n)
{
    size_t i = l->n, j = n, to = l->n + n;

    if (to > l->size) {
        size_t size = to + to / 4 + 64;
        struct weir_trie_item *more = reallocarray(l->v, size, sizeof(*more));

        if (!more)
            return -ENOMEM;
        l->v = more;
        l->size = size;
    }
    l->n = to;
    while (j) {
        bool old = i && weir_trie_compare(&l->v[i - 1], &items[j - 1]) > 0;

        l->v[--to] = old ? l->v[--i] : items[--j];
        if (!old)
            l->of_length[l->v[to].bits]++;
    }
    return 0;
}

void weir_trie_compact(struct weir_trie_list *l)
{
    size_t kept = 0;

    for (size_t i = 0; i < l->n; i++) {
        if (l->v[i].entry)
            l->v[kept++] = l->v[i];
        else
            l->of_length[l->v[i].bits]--;
    }
    l->n = kept;
}
