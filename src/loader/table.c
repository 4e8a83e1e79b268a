/* SPDX-License-Identifier: Apache-2.0 */
#include "loader/table.h"
#include "loader/trie.h"

#include <errno.h>
#include <string.h>

void weir_table_init(struct weir_table *t, struct weir_loader *l, enum weir_table_id id)
{
    struct weir_control *c = &l->skel->data_control->control;
    const struct {
        struct bpf_map *map;
        uint32_t *present;
        size_t key_bytes;
    } all[WEIR_TABLE_MAX] = {
        { l->skel->maps.ban4, &c->bans4, 4 },
        { l->skel->maps.ban6, &c->bans6, sizeof(struct weir_ip6) },
        { l->skel->maps.prefix4, &c->prefixes4, sizeof(struct weir_prefix4) },
        { l->skel->maps.prefix6, &c->prefixes6, sizeof(struct weir_prefix6) },
    };

    *t = (struct weir_table){ .id = id,
                              .l = l,
                              .fd = bpf_map__fd(all[id].map),
                              .present = all[id].present,
                              .key_bytes = all[id].key_bytes };
}

void weir_table_free(struct weir_table *t)
{
    free(t->key);
    free(t->value);
}

enum weir_table_id weir_table_of(const struct weir_prefix *p)
{
    bool ip4 = weir_addr_is_ip4(p->addr) && p->bits >= 96;

    if (p->bits == 128)
        return ip4 ? WEIR_TABLE_BAN4 : WEIR_TABLE_BAN6;
    return ip4 ? WEIR_TABLE_PREFIX4 : WEIR_TABLE_PREFIX6;
}

/* Masked: the packet path asks for the exact key. */
void weir_key_make(uint8_t *key, const struct weir_prefix *p, enum weir_table_id id)
{
    const struct weir_prefix4 p4 = { .bits = p->bits - 96U };
    struct weir_prefix6 p6 = { .bits = p->bits };

    for (unsigned i = 0; i * 8 < p->bits; i++)
        p6.addr[i] = p->addr[i] & (uint8_t)(0xff00 >> (p->bits - i * 8 < 8 ? p->bits - i * 8 : 8));
    if (id == WEIR_TABLE_BAN4)
        memcpy(key, p6.addr + 12, 4);
    else if (id == WEIR_TABLE_BAN6)
        memcpy(key, p6.addr, 16);
    else if (id == WEIR_TABLE_PREFIX6)
        memcpy(key, &p6, sizeof(p6));
    else {
        memcpy(key, &p4, sizeof(p4));
        memcpy(key + offsetof(struct weir_prefix4, addr), p6.addr + 12, 4);
    }
}

void weir_key_read(struct weir_prefix *p, const uint8_t *key, enum weir_table_id id)
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
    uint32_t bits;

    memcpy(p->addr, mapped, sizeof(mapped));
    memcpy(&bits, key, sizeof(bits));
    if (id == WEIR_TABLE_BAN4)
        memcpy(p->addr + 12, key, 4);
    else if (id == WEIR_TABLE_BAN6)
        memcpy(p->addr, key, 16);
    else if (id == WEIR_TABLE_PREFIX4)
        memcpy(p->addr + 12, key + 4, 4);
    else
        memcpy(p->addr, key + 4, 16);
    p->bits = id == WEIR_TABLE_PREFIX4   ? (uint8_t)(bits + 96)
              : id == WEIR_TABLE_PREFIX6 ? (uint8_t)bits
                                         : 128;
}

/* What makes packets look for the entries goes up first: one that nobody looks for is no ban. */
static void announce(const struct weir_table *t)
{
    for (size_t i = 0; t->id == WEIR_TABLE_PREFIX6 && i < t->n; i++) {
        struct weir_prefix p;

        weir_key_read(&p, t->key + i * t->key_bytes, t->id);
        weir_prefix6_add(t->l, &p);
    }
    __atomic_or_fetch(t->present, 1, __ATOMIC_RELEASE);
}

static int write_map(const struct weir_table *t, uint32_t n)
{
    LIBBPF_OPTS(bpf_map_batch_opts, opts, .elem_flags = BPF_ANY);

    return bpf_map_update_batch(t->fd, t->key, t->value, &n, &opts) ? -errno : 0;
}

int weir_table_flush(struct weir_table *t, struct weir_error *e)
{
    uint32_t n = (uint32_t)t->n;
    int r;

    if (!n)
        return 0;
    announce(t);
    t->n = 0;
    r = t->id == WEIR_TABLE_PREFIX4
            ? weir_trie_set(t->l, (const struct weir_prefix4 *)(const void *)t->key, t->value, n)
            : write_map(t, n);
    if (r == 0)
        return 0;
    return weir_error_set(
        e, -r, "cannot enter a ban: %s%s", weir_errno_text(r),
        r == -E2BIG || r == -ENOSPC ? " (the map is full: see limits.bans, limits.prefixes)" : "");
}

int weir_table_add(struct weir_table *t, const struct weir_prefix *p, const struct weir_ban *ban,
                   struct weir_error *e)
{
    if (!t->key)
        t->key = malloc(WEIR_TABLE_BATCH * t->key_bytes);
    if (!t->value)
        t->value = malloc(WEIR_TABLE_BATCH * sizeof(*t->value));
    if (!t->key || !t->value)
        return weir_error_set(e, ENOMEM, "no memory");
    weir_key_make(t->key + t->n * t->key_bytes, p, t->id);
    t->value[t->n] = *ban;
    t->value[t->n].packets = 0;
    t->n++;
    return t->n == WEIR_TABLE_BATCH ? weir_table_flush(t, e) : 0;
}

/* The packet path need not look into an empty table. */
static void lower_flag(const struct weir_table *t)
{
    uint8_t key[sizeof(struct weir_prefix6)];
    bool empty = t->id == WEIR_TABLE_PREFIX4
                     ? !t->l->trie->list.n
                     : bpf_map_get_next_key(t->fd, NULL, key) && errno == ENOENT;

    if (empty)
        __atomic_store_n(t->present, 0, __ATOMIC_RELEASE);
}

static int remove_one(struct weir_table *t, const struct weir_prefix *p)
{
    uint8_t key[sizeof(struct weir_prefix6)];
    int r;

    weir_key_make(key, p, t->id);
    if (t->id == WEIR_TABLE_PREFIX4) {
        r = weir_trie_remove(t->l, (const struct weir_prefix4 *)(const void *)key, 1);
        return r < 0 ? r : r ? 0 : -ENOENT;
    }
    if (bpf_map_delete_elem(t->fd, key))
        return -errno;
    if (t->id == WEIR_TABLE_PREFIX6)
        weir_prefix6_removed(t->l);
    return 0;
}

int weir_table_remove(struct weir_table *t, const struct weir_prefix *p)
{
    int r = remove_one(t, p);

    if (r == 0)
        lower_flag(t);
    return r;
}

/* IPv4 prefixes together: each time, the /16 around them is built anew. */
static int remove_prefixes4(struct weir_table *t, const struct weir_prefix *p, size_t n)
{
    _cleanup_free_ struct weir_prefix4 *keys = calloc(n, sizeof(*keys));
    int r;

    if (!keys)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        weir_key_make((uint8_t *)&keys[i], &p[i], t->id);
    r = weir_trie_remove(t->l, keys, n);
    return r < 0 ? r : 0;
}

/* A batch of keys; those that are not there are stepped over. */
static int delete_batch(const struct weir_table *t, const uint8_t *key, uint32_t n)
{
    for (uint32_t at = 0; at < n; at++) {
        uint32_t done = n - at;

        if (!bpf_map_delete_batch(t->fd, key + at * t->key_bytes, &done, NULL))
            return 0;
        if (errno != ENOENT)
            return -errno;
        at += done;
    }
    return 0;
}

static int remove_keys(struct weir_table *t, const struct weir_prefix *p, size_t n)
{
    _cleanup_free_ uint8_t *key = malloc(WEIR_TABLE_BATCH * t->key_bytes);
    int r = key ? 0 : -ENOMEM;

    for (size_t at = 0; r == 0 && at < n; at += WEIR_TABLE_BATCH) {
        size_t batch = n - at < WEIR_TABLE_BATCH ? n - at : WEIR_TABLE_BATCH;

        for (size_t i = 0; i < batch; i++)
            weir_key_make(key + i * t->key_bytes, &p[at + i], t->id);
        r = delete_batch(t, key, (uint32_t)batch);
        for (size_t i = 0; r == 0 && t->id == WEIR_TABLE_PREFIX6 && i < batch; i++)
            weir_prefix6_removed(t->l);
    }
    return r;
}

int weir_table_remove_all(struct weir_table *t, const struct weir_prefix *p, size_t n)
{
    int r;

    if (!n)
        return 0;
    r = t->id == WEIR_TABLE_PREFIX4 ? remove_prefixes4(t, p, n) : remove_keys(t, p, n);
    lower_flag(t);
    return r;
}

int weir_doomed_remove(struct weir_loader *l, const struct weir_doomed *d)
{
    _cleanup_free_ struct weir_prefix *p = calloc(d->n ? d->n : 1, sizeof(*p));
    int r = p ? 0 : -ENOMEM;

    for (int id = 0; r == 0 && id < WEIR_TABLE_MAX; id++) {
        struct weir_table t;
        size_t n = 0;

        for (size_t i = 0; i < d->n; i++)
            if (weir_table_of(&d->prefix[i]) == (enum weir_table_id)id)
                p[n++] = d->prefix[i];
        weir_table_init(&t, l, id);
        r = weir_table_remove_all(&t, p, n);
    }
    return r;
}

int weir_table_read(const struct weir_table *t, const struct weir_prefix *p, struct weir_ban *ret)
{
    uint8_t key[sizeof(struct weir_prefix6)];

    weir_key_make(key, p, t->id);
    if (t->id == WEIR_TABLE_PREFIX4)
        return weir_trie_read(t->l, (const struct weir_prefix4 *)(const void *)key, ret);
    return bpf_map_lookup_elem(t->fd, key, ret) ? -errno : 0;
}

/* In batches: two system calls an entry were most of what a list of 100,000 cost. */
static int walk_map(struct weir_table *t, weir_ban_fn fn, void *arg)
{
    _cleanup_free_ uint8_t *key = malloc(WEIR_TABLE_BATCH * t->key_bytes);
    _cleanup_free_ struct weir_ban *value = malloc(WEIR_TABLE_BATCH * sizeof(*value));
    uint32_t at = 0, *from = NULL;
    bool more = true;

    if (!key || !value)
        return -ENOMEM;
    while (more) {
        uint32_t n = WEIR_TABLE_BATCH;

        more = !bpf_map_lookup_batch(t->fd, from, &at, key, value, &n, NULL);
        if (!more && errno != ENOENT)
            return -errno;
        from = &at;
        for (uint32_t i = 0; i < n; i++) {
            struct weir_ban_entry entry = { .ban = value[i] };
            int r;

            weir_key_read(&entry.prefix, key + i * t->key_bytes, t->id);
            r = fn(&entry, arg);
            if (r)
                return r;
        }
    }
    return 0;
}

int weir_table_walk(struct weir_table *t, weir_ban_fn fn, void *arg)
{
    return t->id == WEIR_TABLE_PREFIX4 ? weir_trie_each(t->l, fn, arg) : walk_map(t, fn, arg);
}

int weir_tables_walk(struct weir_loader *l, weir_ban_fn fn, void *arg)
{
    int r = 0;

    for (int id = 0; r == 0 && id < WEIR_TABLE_MAX; id++) {
        struct weir_table t;

        weir_table_init(&t, l, id);
        r = weir_table_walk(&t, fn, arg);
    }
    return r;
}

void weir_tables_init(struct weir_tables *all, struct weir_loader *l)
{
    for (int i = 0; i < WEIR_TABLE_MAX; i++)
        weir_table_init(&all->t[i], l, i);
}

int weir_tables_flush(struct weir_tables *all, struct weir_error *e)
{
    for (int i = 0; i < WEIR_TABLE_MAX; i++) {
        int r = weir_table_flush(&all->t[i], e);

        if (r < 0)
            return r;
    }
    return 0;
}

void weir_tables_free(struct weir_tables *all)
{
    for (int i = 0; i < WEIR_TABLE_MAX; i++)
        weir_table_free(&all->t[i]);
}

int weir_doom(struct weir_doomed *d, const struct weir_prefix *prefix)
{
    if (d->n == d->size) {
        size_t size = d->size ? d->size * 2 : 64;
        struct weir_prefix *more = reallocarray(d->prefix, size, sizeof(*more));

        if (!more)
            return -ENOMEM;
        d->prefix = more;
        d->size = size;
    }
    d->prefix[d->n++] = *prefix;
    return 0;
}
