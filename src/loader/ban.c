/* SPDX-License-Identifier: Apache-2.0 */

/* Bans, deny lists, allow list, own addresses. That allow beats everything is made true here, when
 * an entry is written, so that the packet path has one look-up to make. */

#include "loader/internal.h"

#include <errno.h>
#include <string.h>

#define BATCH 4096

/* One of the four maps, and a batch on its way into it. */
struct table {
    int fd;
    uint32_t *present; /* its flag in struct weir_control */
    size_t key_bytes;
    size_t n;
    uint8_t key[BATCH * sizeof(struct weir_prefix6)];
    struct weir_ban value[BATCH];
};

enum table_id {
    BAN4,
    BAN6,
    PREFIX4,
    PREFIX6,
    TABLES
};

static void table_init(struct table *t, const struct weir_loader *l, enum table_id id)
{
    struct weir_control *c = &l->skel->data_control->control;
    const struct {
        struct bpf_map *map;
        uint32_t *present;
        size_t key_bytes;
    } all[TABLES] = {
        { l->skel->maps.ban4, &c->bans4, 4 },
        { l->skel->maps.ban6, &c->bans6, sizeof(struct weir_ip6) },
        { l->skel->maps.prefix4, &c->prefixes4, sizeof(struct weir_prefix4) },
        { l->skel->maps.prefix6, &c->prefixes6, sizeof(struct weir_prefix6) },
    };

    t->fd = bpf_map__fd(all[id].map);
    t->present = all[id].present;
    t->key_bytes = all[id].key_bytes;
    t->n = 0;
}

static enum table_id table_of(const struct weir_prefix *p)
{
    bool ip4 = weir_addr_is_ip4(p->addr) && p->bits >= 96;

    if (p->bits == 128)
        return ip4 ? BAN4 : BAN6;
    return ip4 ? PREFIX4 : PREFIX6;
}

static void key_make(uint8_t *key, const struct weir_prefix *p, enum table_id id)
{
    const struct weir_prefix4 p4 = { .bits = p->bits - 96U };
    struct weir_prefix6 p6 = { .bits = p->bits };

    memcpy(p6.addr, p->addr, 16);
    if (id == BAN4)
        memcpy(key, p->addr + 12, 4);
    else if (id == BAN6)
        memcpy(key, p->addr, 16);
    else if (id == PREFIX6)
        memcpy(key, &p6, sizeof(p6));
    else {
        memcpy(key, &p4, sizeof(p4));
        memcpy(key + offsetof(struct weir_prefix4, addr), p->addr + 12, 4);
    }
}

static void key_read(struct weir_prefix *p, const uint8_t *key, enum table_id id)
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
    uint32_t bits;

    memcpy(p->addr, mapped, sizeof(mapped));
    memcpy(&bits, key, sizeof(bits));
    if (id == BAN4)
        memcpy(p->addr + 12, key, 4);
    else if (id == BAN6)
        memcpy(p->addr, key, 16);
    else if (id == PREFIX4)
        memcpy(p->addr + 12, key + 4, 4);
    else
        memcpy(p->addr, key + 4, 16);
    p->bits = id == PREFIX4 ? (uint8_t)(bits + 96) : id == PREFIX6 ? (uint8_t)bits : 128;
}

/* Write what is gathered. The flag goes up first: an entry that nobody looks for is no ban. */
static int table_flush(struct table *t, struct weir_error *e)
{
    LIBBPF_OPTS(bpf_map_batch_opts, opts, .elem_flags = BPF_ANY);
    uint32_t n = (uint32_t)t->n;

    t->n = 0;
    if (!n)
        return 0;
    __atomic_store_n(t->present, 1, __ATOMIC_RELEASE);
    if (!bpf_map_update_batch(t->fd, t->key, t->value, &n, &opts))
        return 0;
    return weir_error_set(e, errno, "cannot enter a ban: %s%s", strerror(errno),
                          errno == E2BIG || errno == ENOSPC
                              ? " (the map is full: see limits.bans, limits.prefixes)"
                              : "");
}

static int table_add(struct table *t, enum table_id id, const struct weir_prefix *p,
                     const struct weir_ban *ban, struct weir_error *e)
{
    key_make(t->key + t->n * t->key_bytes, p, id);
    t->value[t->n] = *ban;
    t->value[t->n].packets = 0;
    t->n++;
    return t->n == BATCH ? table_flush(t, e) : 0;
}

static int prefix_compare(const void *a, const void *b)
{
    const struct weir_prefix *x = a, *y = b;
    int d = memcmp(x->addr, y->addr, 16);

    return d ? d : (int)x->bits - (int)y->bits;
}

/* Is all of p allowed? The list is sorted and disjoint: only the last that starts at or before p
 * can hold it. */
static bool is_allowed(const struct weir_loader *l, const struct weir_prefix *p)
{
    size_t from = 0, to = l->allows;

    while (from < to) {
        size_t mid = (from + to) / 2;

        if (memcmp(l->allow[mid].addr, p->addr, 16) <= 0)
            from = mid + 1;
        else
            to = mid;
    }
    return from > 0 && l->allow[from - 1].bits <= p->bits &&
           weir_prefix_has(&l->allow[from - 1], p->addr);
}

static bool prefix_is_sane(const struct weir_prefix *p)
{
    return p->bits <= 128;
}

/* Allowed prefixes as entries of the prefix tables: longer than what denies around them. */
static int add_holes(struct weir_loader *l, struct table *t[TABLES], struct weir_error *e)
{
    const struct weir_ban hole = { .kind = WEIR_BAN_ALLOW };

    for (size_t i = 0; i < l->allows; i++) {
        enum table_id id = table_of(&l->allow[i]);
        int r;

        id = id == BAN4 ? PREFIX4 : id == BAN6 ? PREFIX6 : id;
        r = table_add(t[id], id, &l->allow[i], &hole, e);
        if (r < 0)
            return r;
    }
    return 0;
}

static void tables_freep(struct table *(*t)[TABLES])
{
    for (int i = 0; i < TABLES; i++)
        free((*t)[i]);
}

static int tables_make(struct weir_loader *l, struct table *t[TABLES], struct weir_error *e)
{
    for (int i = 0; i < TABLES; i++) {
        t[i] = malloc(sizeof(*t[i]));
        if (!t[i])
            return weir_error_set(e, ENOMEM, "no memory");
        table_init(t[i], l, i);
    }
    return 0;
}

static int tables_flush(struct table *t[TABLES], struct weir_error *e)
{
    for (int i = 0; i < TABLES; i++) {
        int r = table_flush(t[i], e);

        if (r < 0)
            return r;
    }
    return 0;
}

int weir_bans_set(struct weir_loader *l, const struct weir_ban_entry *entries, size_t n,
                  size_t *ret_allowed, struct weir_error *e)
{
    _cleanup_(tables_freep) struct table *t[TABLES] = { 0 };
    bool prefixes = false;
    size_t allowed = 0;
    int r = tables_make(l, t, e);

    for (size_t i = 0; r == 0 && i < n; i++) {
        if (!prefix_is_sane(&entries[i].prefix))
            return weir_error_set(e, EINVAL, "prefix length %u; expected at most 128",
                                  entries[i].prefix.bits);
        prefixes |= entries[i].prefix.bits < 128;
    }
    if (r == 0 && prefixes)
        r = add_holes(l, t, e); /* before the prefixes around them */
    for (size_t i = 0; r == 0 && i < n; i++) {
        enum table_id id = table_of(&entries[i].prefix);

        if (is_allowed(l, &entries[i].prefix))
            allowed++;
        else
            r = table_add(t[id], id, &entries[i].prefix, &entries[i].ban, e);
    }
    if (r == 0)
        r = tables_flush(t, e);
    if (ret_allowed)
        *ret_allowed = allowed;
    return r;
}

/* The packet path need not look into an empty table. */
static void lower_flag(const struct table *t)
{
    uint8_t key[sizeof(struct weir_prefix6)];

    if (bpf_map_get_next_key(t->fd, NULL, key) && errno == ENOENT)
        __atomic_store_n(t->present, 0, __ATOMIC_RELEASE);
}

int weir_bans_remove(struct weir_loader *l, const struct weir_prefix *prefix)
{
    _cleanup_free_ struct table *t = malloc(sizeof(*t));
    enum table_id id = table_of(prefix);
    uint8_t key[sizeof(struct weir_prefix6)];

    if (!t)
        return -ENOMEM;
    if (!prefix_is_sane(prefix))
        return -EINVAL;
    table_init(t, l, id);
    key_make(key, prefix, id);
    if (bpf_map_delete_elem(t->fd, key))
        return -errno;
    lower_flag(t);
    return 0;
}

/* The walk asks for the next key before it hands out this one, so that fn may remove it. */
static int table_walk(struct table *t, enum table_id id, bool holes, weir_ban_fn fn, void *arg)
{
    uint8_t key[sizeof(struct weir_prefix6)], next[sizeof(struct weir_prefix6)];
    bool more = !bpf_map_get_next_key(t->fd, NULL, key);

    while (more) {
        struct weir_ban_entry entry;

        more = !bpf_map_get_next_key(t->fd, key, next);
        if (!bpf_map_lookup_elem(t->fd, key, &entry.ban) &&
            (holes || entry.ban.kind != WEIR_BAN_ALLOW)) {
            int r;

            key_read(&entry.prefix, key, id);
            r = fn(&entry, arg);
            if (r)
                return r;
        }
        memcpy(key, next, t->key_bytes);
    }
    return 0;
}

static int walk(struct weir_loader *l, bool holes, weir_ban_fn fn, void *arg)
{
    _cleanup_free_ struct table *t = malloc(sizeof(*t));
    int r = 0;

    if (!t)
        return -ENOMEM;
    for (int id = 0; r == 0 && id < TABLES; id++) {
        table_init(t, l, id);
        r = table_walk(t, id, holes, fn, arg);
    }
    return r;
}

int weir_bans_each(struct weir_loader *l, weir_ban_fn fn, void *arg)
{
    return walk(l, false, fn, arg);
}

/* Entries to remove, gathered first: a longest-prefix map starts its walk over when the key it
 * stands on is gone. */
struct doomed {
    struct weir_loader *l;
    struct weir_prefix *prefix;
    size_t n;
    size_t size;
    uint64_t now_s;
};

static int doom(struct doomed *d, const struct weir_prefix *prefix)
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

static int doom_expired(const struct weir_ban_entry *entry, void *arg)
{
    struct doomed *d = arg;

    if (!entry->ban.expires_s || entry->ban.expires_s > d->now_s)
        return 0;
    return doom(d, &entry->prefix);
}

/* Bans that are allowed now, and all holes: the new ones are made after. */
static int doom_unresolved(const struct weir_ban_entry *entry, void *arg)
{
    struct doomed *d = arg;

    if (entry->ban.kind != WEIR_BAN_ALLOW && !is_allowed(d->l, &entry->prefix))
        return 0;
    return doom(d, &entry->prefix);
}

/* Holes of one address stand in the prefix tables, where weir_bans_remove() would not look. */
static int remove_from(struct weir_loader *l, const struct weir_prefix *p, enum table_id id)
{
    _cleanup_free_ struct table *t = malloc(sizeof(*t));
    uint8_t key[sizeof(struct weir_prefix6)];

    if (!t)
        return -ENOMEM;
    table_init(t, l, id);
    key_make(key, p, id);
    return bpf_map_delete_elem(t->fd, key) && errno != ENOENT ? -errno : 0;
}

static int remove_doomed(struct doomed *d)
{
    for (size_t i = 0; i < d->n; i++) {
        bool ip4 = table_of(&d->prefix[i]) == BAN4 || table_of(&d->prefix[i]) == PREFIX4;
        int r = weir_bans_remove(d->l, &d->prefix[i]);

        if (r == 0 || r == -ENOENT)
            r = d->prefix[i].bits == 128 ? remove_from(d->l, &d->prefix[i], ip4 ? PREFIX4 : PREFIX6)
                                         : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

int weir_bans_expire(struct weir_loader *l, uint64_t now_ns)
{
    struct doomed d = { .l = l, .now_s = now_ns / 1000000000 };
    int r = walk(l, false, doom_expired, &d);

    if (r == 0) {
        for (size_t i = 0; i < d.n; i++)
            (void)weir_bans_remove(l, &d.prefix[i]); /* ENOENT: lifted meanwhile */
        r = (int)d.n;
    }
    free(d.prefix);
    return r;
}

/* Sort, and leave out what another prefix of the list holds. */
static size_t disjoint(struct weir_prefix *p, size_t n)
{
    size_t kept = 0;

    qsort(p, n, sizeof(*p), prefix_compare);
    for (size_t i = 0; i < n; i++) {
        if (!kept || !weir_prefix_has(&p[kept - 1], p[i].addr))
            p[kept++] = p[i];
    }
    return kept;
}

static void allow_delete_stale(struct weir_loader *l, int fd)
{
    struct doomed d = { .l = l };
    struct weir_prefix6 key, *from = NULL;
    struct weir_prefix p;

    for (; !bpf_map_get_next_key(fd, from, &key); from = &key) {
        key_read(&p, (const uint8_t *)&key, PREFIX6);
        if (!bsearch(&p, l->allow, l->allows, sizeof(p), prefix_compare))
            (void)doom(&d, &p); /* without memory an entry too many stays: it only allows */
    }
    for (size_t i = 0; i < d.n; i++) {
        key_make((uint8_t *)&key, &d.prefix[i], PREFIX6);
        (void)bpf_map_delete_elem(fd, &key);
    }
    free(d.prefix);
}

static int allow_write(struct weir_loader *l, struct weir_error *e)
{
    int fd = bpf_map__fd(l->skel->maps.allow);
    struct weir_prefix6 key;
    const uint32_t one = 1;

    if (l->allows)
        __atomic_store_n(&l->skel->data_control->control.allows, 1, __ATOMIC_RELEASE);
    for (size_t i = 0; i < l->allows; i++) {
        key_make((uint8_t *)&key, &l->allow[i], PREFIX6);
        if (bpf_map_update_elem(fd, &key, &one, BPF_ANY))
            return weir_error_set(e, errno, "allow list of %zu: %s", l->allows, strerror(errno));
    }
    allow_delete_stale(l, fd);
    if (!l->allows)
        __atomic_store_n(&l->skel->data_control->control.allows, 0, __ATOMIC_RELEASE);
    return 0;
}

int weir_allow_set(struct weir_loader *l, const struct weir_prefix *allow, size_t n,
                   struct weir_error *e)
{
    _cleanup_(tables_freep) struct table *t[TABLES] = { 0 };
    struct doomed d = { .l = l };
    struct weir_prefix *copy = calloc(n ? n : 1, sizeof(*copy));
    int r;

    if (!copy)
        return weir_error_set(e, ENOMEM, "no memory");
    if (n)
        memcpy(copy, allow, n * sizeof(*copy));
    free(l->allow);
    l->allow = copy;
    l->allows = disjoint(copy, n);
    r = allow_write(l, e);
    if (r < 0)
        return r;
    r = walk(l, true, doom_unresolved, &d);
    if (r == 0)
        r = remove_doomed(&d);
    free(d.prefix);
    if (r < 0)
        return weir_error_set(e, -r, "bans against the allow list: %s", weir_errno_text(r));
    r = tables_make(l, t, e);
    if (r == 0 && (*t[PREFIX4]->present || *t[PREFIX6]->present))
        r = add_holes(l, t, e);
    return r == 0 ? tables_flush(t, e) : r;
}

int weir_own_set(struct weir_loader *l, const uint8_t (*addr)[16], size_t n, struct weir_error *e)
{
    struct weir_control *c = &l->skel->data_control->control;
    uint64_t bloom[WEIR_OWN_BLOOM_WORDS] = { 0 };
    int fd = bpf_map__fd(l->skel->maps.own);
    uint8_t key[16];
    const uint32_t one = 1;

    if (n > WEIR_OWN_MAX)
        return weir_error_set(e, E2BIG, "%zu addresses of this machine; expected at most %d", n,
                              WEIR_OWN_MAX);
    while (!bpf_map_get_next_key(fd, NULL, key)) {
        if (bpf_map_delete_elem(fd, key))
            return weir_error_set(e, errno, "own addresses: %s", strerror(errno));
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t tail, bit;

        memcpy(&tail, addr[i] + 12, sizeof(tail));
        bit = weir_own_bit(tail);
        bloom[bit >> 6] |= 1ULL << (bit & 63);
        if (bpf_map_update_elem(fd, addr[i], &one, BPF_ANY))
            return weir_error_set(e, errno, "own addresses: %s", strerror(errno));
    }
    for (int i = 0; i < WEIR_OWN_BLOOM_WORDS; i++)
        __atomic_store_n(&c->own_bloom[i], bloom[i], __ATOMIC_RELEASE);
    return 0;
}
