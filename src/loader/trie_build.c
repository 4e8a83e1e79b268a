/* SPDX-License-Identifier: Apache-2.0 */

/* From the sorted list to what packets read. A /16 is built anew whenever something in it changes,
 * beside the old one, and put in its place by one store: a packet sees all of a change in a /16 or
 * nothing of it. */

#include "loader/trie.h"

#include <string.h>

/* Give back a node and all below. */
static void retire(struct weir_trie *t, uint32_t slot)
{
    const struct weir_trie_node *node = &t->node[slot & ~WEIR_TRIE_NODE];

    if (!(slot & WEIR_TRIE_NODE))
        return;
    for (int i = 0; i < WEIR_TRIE_SLOTS; i++)
        retire(t, node->slot[i]);
    weir_pool_give(&t->nodes, slot & ~WEIR_TRIE_NODE, false);
}

/* The shorter of the n items come first, the longer overwrite them. */
static void fill(struct weir_trie_node *node, const struct weir_trie_item *item, size_t n,
                 uint32_t depth, uint32_t above)
{
    uint32_t reach = depth + WEIR_TRIE_BITS;

    for (int i = 0; i < WEIR_TRIE_SLOTS; i++)
        node->slot[i] = above;
    for (size_t i = 0; i < n; i++) {
        uint32_t first = item[i].addr >> (32 - reach) & (WEIR_TRIE_SLOTS - 1);

        if (item[i].bits <= depth || item[i].bits > reach)
            continue;
        for (uint32_t k = 0; k < 1U << (reach - item[i].bits); k++)
            node->slot[first + k] = item[i].entry;
    }
}

/* A node behind `depth` bits, and all below, of the n items in it; those not longer than depth are
 * in `above` already. */
static uint32_t build(struct weir_trie *t, const struct weir_trie_item *item, size_t n,
                      uint32_t depth, uint32_t above)
{
    uint32_t number = weir_pool_take(&t->nodes), reach = depth + WEIR_TRIE_BITS, shift = 32 - reach;
    struct weir_trie_node *node = &t->node[number];

    fill(node, item, n, depth, above);
    for (size_t from = 0, to; from < n; from = to) {
        uint32_t *slot = &node->slot[item[from].addr >> shift & (WEIR_TRIE_SLOTS - 1)];
        bool longer = false;

        for (to = from; to < n && item[to].addr >> shift == item[from].addr >> shift; to++)
            longer |= item[to].bits > reach;
        if (longer)
            *slot = build(t, item + from, to - from, reach, *slot);
    }
    return number | WEIR_TRIE_NODE;
}

/* Items of a block that are longer than it, from *ret_from on. */
static size_t block_items(const struct weir_trie_list *l, uint32_t block, size_t *ret_from)
{
    uint32_t shift = 32 - WEIR_TRIE_BLOCK_BITS;
    size_t from = weir_trie_seek(l, block << shift, WEIR_TRIE_BLOCK_BITS + 1), to = from;

    while (to < l->n && l->v[to].addr >> shift == block)
        to++;
    *ret_from = from;
    return to - from;
}

/* Nodes of a block: one for each different start of an item that is longer than that. */
static uint32_t block_need(const struct weir_trie_list *l, uint32_t block)
{
    uint32_t need = 0;
    size_t from, n = block_items(l, block, &from);

    for (uint32_t depth = WEIR_TRIE_BLOCK_BITS; depth < 32; depth += WEIR_TRIE_BITS) {
        uint64_t last = ~0ULL;

        for (size_t i = from; i < from + n; i++) {
            if (l->v[i].bits <= depth || l->v[i].addr >> (32 - depth) == last)
                continue;
            last = l->v[i].addr >> (32 - depth);
            need++;
        }
    }
    return need;
}

static void build_block(struct weir_trie *t, uint32_t block)
{
    uint32_t *root = &t->node[block / WEIR_TRIE_SLOTS].slot[block % WEIR_TRIE_SLOTS];
    uint32_t fresh, old = *root, need = block_need(&t->list, block);
    size_t from, n = block_items(&t->list, block, &from);

    fresh = weir_trie_cover(&t->list, block << (32 - WEIR_TRIE_BLOCK_BITS), WEIR_TRIE_BLOCK_BITS);
    if (n)
        fresh = build(t, t->list.v + from, n, WEIR_TRIE_BLOCK_BITS, fresh);
    __atomic_store_n(root, fresh, __ATOMIC_RELEASE);
    retire(t, old);
    t->used += need - t->need[block];
    t->need[block] = (uint16_t)need;
}

/* Link the entries of a prefix and below it to the next shorter one of each. */
static void link_below(struct weir_trie *t, const struct weir_trie_item *p)
{
    uint32_t last = p->addr | ~weir_trie_mask(p->bits);
    const struct weir_trie_item *open[33]; /* around the item, from the shortest */
    uint32_t above = weir_trie_cover(&t->list, p->addr, (int)p->bits - 1);
    size_t depth = 0;

    for (size_t i = weir_trie_seek(&t->list, p->addr, p->bits);
         i < t->list.n && t->list.v[i].addr <= last; i++) {
        const struct weir_trie_item *item = &t->list.v[i];
        uint32_t link = item->bits << WEIR_PREFIX4_LENGTH_SHIFT;

        while (depth &&
               (item->addr & weir_trie_mask(open[depth - 1]->bits)) != open[depth - 1]->addr)
            depth--;
        link |= depth ? open[depth - 1]->entry : above;
        __atomic_store_n(&t->entry[item->entry].link, link, __ATOMIC_RELEASE);
        open[depth++] = item;
    }
}

static void mark(struct weir_trie *t, const struct weir_trie_item *changed, size_t n)
{
    memset(t->dirty, 0, sizeof(t->dirty));
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = changed[i].bits;

        memset(t->dirty + (changed[i].addr >> (32 - WEIR_TRIE_BLOCK_BITS)), 1,
               bits < WEIR_TRIE_BLOCK_BITS ? 1U << (WEIR_TRIE_BLOCK_BITS - bits) : 1);
    }
}

bool weir_trie_fits(struct weir_trie *t, const struct weir_trie_item *changed, size_t n)
{
    uint32_t used = t->used;

    mark(t, changed, n);
    for (uint32_t block = 0; block < WEIR_TRIE_BLOCKS; block++)
        if (t->dirty[block])
            used += block_need(&t->list, block) - t->need[block];
    return used <= t->room && t->list.n <= t->limit;
}

void weir_trie_update(struct weir_trie *t, const struct weir_trie_item *changed, size_t n)
{
    for (size_t i = 0; i < n; i++)
        link_below(t, &changed[i]);
    mark(t, changed, n);
    for (uint32_t block = 0; block < WEIR_TRIE_BLOCKS; block++)
        if (t->dirty[block])
            build_block(t, block);
}
