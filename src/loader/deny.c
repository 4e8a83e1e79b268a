/* SPDX-License-Identifier: Apache-2.0 */

/* The deny list as a whole: only what changes is written, so that what stays is never absent. */

#include "loader/table.h"
#include "loader/trie.h"

#include <errno.h>
#include <string.h>

/* What stands in the kernel for an entry of the new list. */
enum standing {
    STANDS_NOT,
    STANDS_SAME,
    STANDS_OTHER,  /* with another reason: overwritten, which no packet sees */
    STANDS_BANNED, /* a ban of the same prefix hides it */
    STANDS_ALLOWED,
};

struct change {
    struct weir_loader *l;
    const struct weir_ban_entry *entry;
    size_t n;
    uint8_t *standing;           /* enum standing by entry */
    struct weir_ban_entry *gone; /* denied, and not in the new list */
    size_t gones;
    size_t gone_size;
    size_t entries[WEIR_TABLE_MAX]; /* in the kernel now */
    size_t fresh[WEIR_TABLE_MAX];   /* to come */
    size_t leaving[WEIR_TABLE_MAX];
};

static int entry_compare(const void *a, const void *b)
{
    const struct weir_ban_entry *x = a, *y = b;

    return weir_prefix_compare(&x->prefix, &y->prefix);
}

static const struct weir_ban_entry *find(const struct weir_ban_entry *all, size_t n,
                                         const struct weir_prefix *p)
{
    const struct weir_ban_entry key = { .prefix = *p };

    return n ? bsearch(&key, all, n, sizeof(*all), entry_compare) : NULL;
}

static int gone_add(struct change *c, const struct weir_ban_entry *entry)
{
    if (c->gones == c->gone_size) {
        size_t size = c->gone_size ? c->gone_size * 2 : 256;
        struct weir_ban_entry *more = reallocarray(c->gone, size, sizeof(*more));

        if (!more)
            return -ENOMEM;
        c->gone = more;
        c->gone_size = size;
    }
    c->gone[c->gones++] = *entry;
    c->leaving[weir_table_of(&entry->prefix)]++;
    return 0;
}

static int entry_compared(const struct weir_ban_entry *kernel, void *arg)
{
    struct change *c = arg;
    const struct weir_ban_entry *entry = find(c->entry, c->n, &kernel->prefix);
    uint8_t *standing = entry ? &c->standing[entry - c->entry] : NULL;

    if (kernel->ban.kind == WEIR_BAN_ALLOW)
        return 0;
    c->entries[weir_table_of(&kernel->prefix)]++;
    if (kernel->ban.kind != WEIR_BAN_DENY) {
        if (standing && *standing == STANDS_NOT)
            *standing = STANDS_BANNED;
        return 0;
    }
    if (!standing || *standing == STANDS_ALLOWED)
        return gone_add(c, kernel);
    *standing = kernel->ban.reason == entry->ban.reason && kernel->ban.scope == entry->ban.scope
                    ? STANDS_SAME
                    : STANDS_OTHER;
    return 0;
}

static int compare_all(struct change *c, struct weir_error *e)
{
    int r;

    c->standing = calloc(c->n ? c->n : 1, 1);
    if (!c->standing)
        return weir_error_set(e, ENOMEM, "no memory");
    for (size_t i = 0; i < c->n; i++)
        if (weir_allow_has(c->l, &c->entry[i].prefix))
            c->standing[i] = STANDS_ALLOWED;
    r = weir_tables_walk(c->l, entry_compared, c);
    if (r < 0)
        return weir_error_set(e, -r, "deny list: %s", weir_errno_text(r));
    for (size_t i = 0; i < c->n; i++)
        c->fresh[weir_table_of(&c->entry[i].prefix)] += c->standing[i] == STANDS_NOT;
    return 0;
}

static size_t table_room(const struct weir_loader *l, int id)
{
    struct bpf_map *map[WEIR_TABLE_MAX] = { [WEIR_TABLE_BAN4] = l->skel->maps.ban4,
                                            [WEIR_TABLE_BAN6] = l->skel->maps.ban6,
                                            [WEIR_TABLE_PREFIX6] = l->skel->maps.prefix6 };

    return id == WEIR_TABLE_PREFIX4 ? l->trie->limit : bpf_map__max_entries(map[id]);
}

/* Before anything is touched: would all of it fit at the end? *ret_both: and while both lists are
 * in. */
static int room_check(const struct change *c, bool *ret_both, struct weir_error *e)
{
    *ret_both = true;
    for (int id = 0; id < WEIR_TABLE_MAX; id++) {
        size_t holes = id >= WEIR_TABLE_PREFIX4 ? c->l->allows : 0;
        size_t both = c->entries[id] + holes + c->fresh[id], room = table_room(c->l, id);

        if (both - c->leaving[id] > room)
            return weir_error_set(
                e, E2BIG,
                "deny list: %zu %s with bans and allowed holes; this instance has "
                "room for %zu: see limits.%s",
                both - c->leaving[id], id < WEIR_TABLE_PREFIX4 ? "addresses" : "prefixes", room,
                id < WEIR_TABLE_PREFIX4 ? "bans" : "prefixes");
        *ret_both &= both <= room;
    }
    return 0;
}

static int fresh_add(struct change *c, struct weir_error *e)
{
    _cleanup_(weir_tables_free) struct weir_tables all = { 0 };
    int r;

    weir_tables_init(&all, c->l);
    r = weir_allow_holes(c->l, &all, e); /* before the prefixes around them */
    for (size_t i = 0; r == 0 && i < c->n; i++)
        if (c->standing[i] == STANDS_NOT || c->standing[i] == STANDS_OTHER)
            r = weir_table_add(&all.t[weir_table_of(&c->entry[i].prefix)], &c->entry[i].prefix,
                               &c->entry[i].ban, e);
    return r == 0 ? weir_tables_flush(&all, e) : r;
}

static int gone_remove(const struct change *c, struct weir_error *e)
{
    struct weir_doomed d = { 0 };
    int r = 0;

    for (size_t i = 0; r == 0 && i < c->gones; i++)
        r = weir_doom(&d, &c->gone[i].prefix);
    if (r == 0)
        r = weir_doomed_remove(c->l, &d);
    free(d.prefix);
    return r < 0 ? weir_error_set(e, -r, "deny list: %s", weir_errno_text(r)) : 0;
}

/* As it was: what came goes, what went comes back. */
static void change_undo(struct change *c)
{
    _cleanup_(weir_tables_free) struct weir_tables all = { 0 };
    struct weir_doomed d = { 0 };
    int r = 0;

    for (size_t i = 0; r == 0 && i < c->n; i++)
        if (c->standing[i] == STANDS_NOT)
            r = weir_doom(&d, &c->entry[i].prefix);
    (void)weir_doomed_remove(c->l, &d); /* without memory: as many as were gathered */
    free(d.prefix);
    weir_tables_init(&all, c->l);
    for (size_t i = 0; i < c->gones; i++)
        (void)weir_table_add(&all.t[weir_table_of(&c->gone[i].prefix)], &c->gone[i].prefix,
                             &c->gone[i].ban, NULL);
    (void)weir_tables_flush(&all, NULL);
}

static int change_make(struct change *c, struct weir_error *e)
{
    bool both = true;
    int r = compare_all(c, e);

    if (r == 0)
        r = room_check(c, &both, e);
    if (r < 0)
        return r;
    if (!both)
        r = gone_remove(c, e);
    if (r == 0)
        r = fresh_add(c, e);
    if (r == 0 && both)
        r = gone_remove(c, e);
    if (r < 0)
        change_undo(c);
    return r;
}

int weir_lists_check(struct weir_loader *l, const struct weir_prefix *allow, size_t allows,
                     const struct weir_ban_entry *deny, size_t denies, struct weir_error *e)
{
    _cleanup_free_ struct weir_prefix *copy = calloc(allows + 1, sizeof(*copy));
    struct change c = { .l = l, .entry = deny, .n = denies };
    struct weir_prefix *in_force = l->allow;
    size_t in_force_n = l->allows, room = bpf_map__max_entries(l->skel->maps.allow);
    bool both;
    int r;

    if (!copy)
        return weir_error_set(e, ENOMEM, "no memory");
    if (allows)
        memcpy(copy, allow, allows * sizeof(*copy));
    l->allow = copy; /* what follows asks it, and writes nothing */
    l->allows = weir_prefixes_disjoint(copy, allows);
    if (l->allows > room)
        r = weir_error_set(e, E2BIG,
                           "allow list: %zu prefixes; this instance has room for %zu: see "
                           "limits.allow",
                           l->allows, room);
    else
        r = compare_all(&c, e);
    if (r == 0)
        r = room_check(&c, &both, e);
    l->allow = in_force;
    l->allows = in_force_n;
    free(c.standing);
    free(c.gone);
    return r;
}

int weir_deny_set(struct weir_loader *l, const struct weir_ban_entry *entries, size_t n,
                  struct weir_error *e)
{
    struct weir_ban_entry *copy = calloc(n ? n : 1, sizeof(*copy));
    struct change c = { .l = l, .entry = copy, .n = n };
    int r;

    if (!copy)
        return weir_error_set(e, ENOMEM, "no memory");
    if (n)
        memcpy(copy, entries, n * sizeof(*copy));
    r = change_make(&c, e);
    free(c.standing);
    free(c.gone);
    if (r < 0) {
        free(copy);
        return r;
    }
    free(l->deny);
    l->deny = copy;
    l->denies = n;
    return 0;
}

bool weir_deny_has(const struct weir_loader *l, const struct weir_prefix *p)
{
    return find(l->deny, l->denies, p) != NULL;
}

int weir_deny_restore(struct weir_loader *l, const struct weir_prefix *p)
{
    _cleanup_(weir_table_free) struct weir_table t = { 0 };
    const struct weir_ban_entry *entry = find(l->deny, l->denies, p);
    struct weir_ban now;
    int r;

    weir_table_init(&t, l, weir_table_of(p));
    r = weir_table_read(&t, p, &now);
    if (r < 0)
        return r;
    if (now.kind == WEIR_BAN_DENY)
        return -ENOENT;
    r = weir_table_add(&t, p, &entry->ban, NULL);
    return r < 0 ? r : weir_table_flush(&t, NULL);
}
