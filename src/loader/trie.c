/* SPDX-License-Identifier: Apache-2.0 */
#include "loader/trie.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "loader/table.h"

/* One item of a change: its old entry, 0 if it is new; its place in the caller's list. */
struct change {
    struct weir_trie_item item;
    uint32_t old;
    uint32_t place;
};

static struct weir_trie_item item_of(const struct weir_prefix4 *key)
{
    uint32_t addr;

    memcpy(&addr, key->addr, sizeof(addr));
    return (struct weir_trie_item){ .addr = be32toh(addr) & weir_trie_mask(key->bits),
                                    .bits = key->bits };
}

static int by_item_then_place(const void *a, const void *b)
{
    const struct change *x = a, *y = b;
    int d = weir_trie_compare(&x->item, &y->item);

    return d ? d : (x->place > y->place) - (x->place < y->place);
}

/* Sorted, each prefix once: the last of its kind. */
static size_t sort_changes(struct change *c, const struct weir_prefix4 *keys, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        c[i] = (struct change){ .item = item_of(&keys[i]), .place = (uint32_t)i };
    qsort(c, n, sizeof(*c), by_item_then_place);
    for (size_t i = 0; i < n; i++) {
        if (i + 1 == n || weir_trie_compare(&c[i].item, &c[i + 1].item))
            c[kept++] = c[i];
    }
    return kept;
}

/* kind comes last: a loader that dies before has not entered it. */
static void write_entry(struct weir_prefix4_entry *entry, const struct weir_trie_item *item,
                        const struct weir_ban *ban)
{
    struct weir_ban copy = *ban;

    copy.kind = WEIR_BAN_NONE;
    copy.packets = 0;
    entry->ban = copy;
    entry->addr = item->addr;
    entry->link = item->bits << WEIR_PREFIX4_LENGTH_SHIFT;
    __atomic_store_n(&entry->ban.kind, ban->kind, __ATOMIC_RELEASE);
}

/* Entries for the first n changes are taken back; no packet has seen them. */
static void undo_entries(struct weir_trie *t, const struct change *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        t->entry[c[i].item.entry].ban.kind = WEIR_BAN_NONE;
        weir_pool_give(&t->entries, c[i].item.entry, true);
    }
}

static int make_entries(struct weir_trie *t, struct change *c, size_t n,
                        const struct weir_ban *values)
{
    for (size_t i = 0; i < n; i++) {
        c[i].item.entry = weir_pool_take(&t->entries);
        if (!c[i].item.entry) {
            undo_entries(t, c, i);
            return -E2BIG;
        }
        write_entry(&t->entry[c[i].item.entry], &c[i].item, &values[c[i].place]);
    }
    return 0;
}

/* The changes into the list. Also gathers all items for the trie. */
static int enlist(struct weir_trie *t, struct change *c, size_t n, struct weir_trie_item *items)
{
    size_t fresh = 0;
    int r;

    for (size_t i = 0; i < n; i++) {
        const struct weir_trie_item *was = weir_trie_find(&t->list, c[i].item.addr, c[i].item.bits);

        c[i].old = was ? was->entry : 0;
        if (!was)
            items[fresh++] = c[i].item;
    }
    r = weir_trie_merge(&t->list, items, fresh);
    if (r < 0)
        return r;
    for (size_t i = 0; i < n; i++) {
        weir_trie_find(&t->list, c[i].item.addr, c[i].item.bits)->entry = c[i].item.entry;
        items[i] = c[i].item;
    }
    return 0;
}

static void undo_list(struct weir_trie *t, const struct change *c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        weir_trie_find(&t->list, c[i].item.addr, c[i].item.bits)->entry = c[i].old;
    weir_trie_compact(&t->list);
}

/* From now on it says nothing, to packets as to a loader that adopts it; its link still stands. */
static void silence(struct weir_trie *t, uint32_t entry)
{
    __atomic_store_n(&t->entry[entry].ban.kind, WEIR_BAN_NONE, __ATOMIC_RELEASE);
}

/* A packet that found one before it was replaced must not find it silent: what holds is neither the
 * next shorter prefix nor nothing. */
static void release_replaced(struct weir_trie *t, const struct change *c, size_t n)
{
    bool settled = false;

    for (size_t i = 0; i < n; i++) {
        if (!c[i].old)
            continue;
        if (!settled)
            weir_packets_settle();
        settled = true;
        silence(t, c[i].old);
        weir_pool_give(&t->entries, c[i].old, true);
    }
}

int weir_trie_set(struct weir_loader *l, const struct weir_prefix4 *keys,
                  const struct weir_ban *values, size_t n)
{
    _cleanup_free_ struct change *c = calloc(n, sizeof(*c));
    _cleanup_free_ struct weir_trie_item *items = calloc(n, sizeof(*items));
    struct weir_trie *t = l->trie;
    int r;

    if (!c || !items)
        return -ENOMEM;
    n = sort_changes(c, keys, n);
    r = make_entries(t, c, n, values);
    if (r < 0)
        return r;
    r = enlist(t, c, n, items);
    if (r == 0 && !weir_trie_fits(t, items, n)) {
        undo_list(t, c, n);
        r = -E2BIG;
    }
    if (r < 0) {
        undo_entries(t, c, n);
        return r;
    }
    weir_trie_update(t, items, n);
    release_replaced(t, c, n);
    return 0;
}

int weir_trie_remove(struct weir_loader *l, const struct weir_prefix4 *keys, size_t n)
{
    _cleanup_free_ struct change *c = calloc(n, sizeof(*c));
    _cleanup_free_ struct weir_trie_item *items = calloc(n, sizeof(*items));
    struct weir_trie *t = l->trie;
    size_t found = 0;

    if (!c || !items)
        return -ENOMEM;
    n = sort_changes(c, keys, n);
    for (size_t i = 0; i < n; i++) {
        struct weir_trie_item *item = weir_trie_find(&t->list, c[i].item.addr, c[i].item.bits);

        if (!item)
            continue;
        silence(t, item->entry);
        items[found++] = *item;
        item->entry = 0;
    }
    weir_trie_compact(&t->list);
    weir_trie_update(t, items, found);
    for (size_t i = 0; i < found; i++)
        weir_pool_give(&t->entries, items[i].entry, false);
    return (int)found;
}

int weir_trie_read(struct weir_loader *l, const struct weir_prefix4 *key, struct weir_ban *ret)
{
    const struct weir_trie *t = l->trie;
    const struct weir_trie_item item = item_of(key);
    const struct weir_trie_item *found = weir_trie_find(&t->list, item.addr, item.bits);

    if (!found)
        return -ENOENT;
    *ret = t->entry[found->entry].ban;
    return 0;
}

int weir_trie_each(struct weir_loader *l, weir_ban_fn fn, void *arg)
{
    const struct weir_trie *t = l->trie;
    int r = 0;

    for (size_t i = 0; r == 0 && i < t->list.n; i++) {
        const struct weir_trie_item *item = &t->list.v[i];
        struct weir_ban_entry entry = { .ban = t->entry[item->entry].ban };
        struct weir_prefix4 key = { .bits = item->bits };
        uint32_t wire = htobe32(item->addr);

        memcpy(key.addr, &wire, sizeof(wire));
        weir_key_read(&entry.prefix, (const uint8_t *)&key, WEIR_TABLE_PREFIX4);
        r = fn(&entry, arg);
    }
    return r;
}
