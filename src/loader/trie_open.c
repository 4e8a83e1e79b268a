/* SPDX-License-Identifier: Apache-2.0 */

/* Map entries and nodes, and take over what an earlier loader left in them. */

#include "loader/table.h"
#include "loader/trie.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static int map_array(const struct bpf_map *map, size_t element, size_t *ret_bytes, void *ret,
                     struct weir_error *e)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t bytes = (bpf_map__max_entries(map) * element + page - 1) / page * page;
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

    if (at == MAP_FAILED)
        return weir_error_set(e, errno, "map %s: %s", bpf_map__name(map), strerror(errno));
    memcpy(ret, &at, sizeof(at));
    *ret_bytes = bytes;
    return 0;
}

/* Entries that stand, into the list; killed while it replaced one, a loader may have left both. */
static int adopt_entries(struct weir_trie *t)
{
    _cleanup_free_ struct weir_trie_item *items = calloc(t->entries.max, sizeof(*items));
    size_t n = 0, kept = 0;

    if (!items)
        return -ENOMEM;
    for (uint32_t i = 1; i < t->entries.max; i++) {
        const struct weir_prefix4_entry *entry = &t->entry[i];

        if (entry->ban.kind != WEIR_BAN_NONE)
            items[n++] = (struct weir_trie_item){
                .addr = entry->addr,
                .bits = entry->link >> WEIR_PREFIX4_LENGTH_SHIFT,
                .entry = i,
            };
    }
    qsort(items, n, sizeof(*items), weir_trie_compare);
    for (size_t i = 0; i < n; i++) {
        if (kept && !weir_trie_compare(&items[kept - 1], &items[i]))
            t->entry[items[i].entry].ban.kind = WEIR_BAN_NONE;
        else
            items[kept++] = items[i];
    }
    for (uint32_t i = 1; i < t->entries.max; i++)
        if (t->entry[i].ban.kind == WEIR_BAN_NONE)
            weir_pool_give(&t->entries, i, true);
    t->entries.next = t->entries.max;
    return weir_trie_merge(&t->list, items, kept);
}

static void mark_nodes(const struct weir_trie *t, uint32_t slot, uint8_t *in_use)
{
    uint32_t number = slot & ~WEIR_TRIE_NODE;

    if (!(slot & WEIR_TRIE_NODE) || number >= t->nodes.max || in_use[number])
        return;
    in_use[number] = 1;
    for (int i = 0; i < WEIR_TRIE_SLOTS; i++)
        mark_nodes(t, t->node[number].slot[i], in_use);
}

/* Nodes that packets may be in are not taken for new ones until all is built anew. */
static int adopt_nodes(struct weir_trie *t)
{
    _cleanup_free_ uint8_t *in_use = calloc(1, t->nodes.max);

    if (!in_use)
        return -ENOMEM;
    for (uint32_t i = 0; i < WEIR_TRIE_BLOCKS; i++)
        mark_nodes(t, t->node[i / WEIR_TRIE_SLOTS].slot[i % WEIR_TRIE_SLOTS], in_use);
    for (uint32_t i = WEIR_TRIE_ROOTS; i < t->nodes.max; i++)
        if (!in_use[i])
            weir_pool_give(&t->nodes, i, true);
    t->nodes.next = t->nodes.max;
    return 0;
}

static int adopt(struct weir_trie *t)
{
    const struct weir_trie_item all = { 0 }; /* 0.0.0.0/0: below it is everything */
    int r = adopt_entries(t);

    if (r == 0)
        r = adopt_nodes(t);
    if (r == 0)
        weir_trie_update(t, &all, 1);
    return r;
}

int weir_trie_open(struct weir_loader *l, struct weir_error *e)
{
    struct weir_trie *t = calloc(1, sizeof(*t));
    uint32_t entries = bpf_map__max_entries(l->skel->maps.prefix4);
    uint32_t nodes = bpf_map__max_entries(l->skel->maps.prefix4_node);
    int r;

    l->trie = t;
    if (!t || weir_pool_init(&t->entries, 1, entries) < 0 ||
        weir_pool_init(&t->nodes, WEIR_TRIE_ROOTS, nodes) < 0)
        return weir_error_set(e, ENOMEM, "no memory");
    t->limit = entries - WEIR_PREFIX4_SLACK;
    t->room = nodes - WEIR_TRIE_ROOTS - WEIR_TRIE_SLACK;
    r = map_array(l->skel->maps.prefix4, sizeof(*t->entry), &t->entry_bytes, &t->entry, e);
    if (r == 0)
        r = map_array(l->skel->maps.prefix4_node, sizeof(*t->node), &t->node_bytes, &t->node, e);
    if (r < 0 || !l->adopted)
        return r;
    r = adopt(t);
    return r < 0 ? weir_error_set(e, -r, "prefixes: %s", weir_errno_text(r)) : 0;
}

void weir_trie_close(struct weir_loader *l)
{
    struct weir_trie *t = l->trie;

    if (!t)
        return;
    if (t->entry)
        (void)munmap(t->entry, t->entry_bytes);
    if (t->node)
        (void)munmap(t->node, t->node_bytes);
    weir_pool_free(&t->entries);
    weir_pool_free(&t->nodes);
    free(t->list.v);
    free(t);
}
