/* SPDX-License-Identifier: Apache-2.0 */

/* The allow list. That allow beats everything is made true here and where a ban is entered, so that
 * the packet path has one look-up to make. */

#include "loader/table.h"

#include <errno.h>
#include <string.h>

int weir_prefix_compare(const void *a, const void *b)
{
    const struct weir_prefix *x = a, *y = b;
    int d = memcmp(x->addr, y->addr, 16);

    return d ? d : (int)x->bits - (int)y->bits;
}

/* The list is sorted and disjoint: only the last that starts at or before p can hold it. */
bool weir_allow_has(const struct weir_loader *l, const struct weir_prefix *p)
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

/* A hole of one address stands among the prefixes, too. */
static enum weir_table_id hole_table(const struct weir_prefix *p)
{
    enum weir_table_id id = weir_table_of(p);

    return id == WEIR_TABLE_BAN4   ? WEIR_TABLE_PREFIX4
           : id == WEIR_TABLE_BAN6 ? WEIR_TABLE_PREFIX6
                                   : id;
}

int weir_allow_holes(const struct weir_loader *l, struct weir_tables *all, struct weir_error *e)
{
    const struct weir_ban hole = { .kind = WEIR_BAN_ALLOW };

    for (size_t i = 0; i < l->allows; i++) {
        struct weir_table *t = &all->t[hole_table(&l->allow[i])];
        struct weir_ban now;
        int r;

        if (weir_table_read(t, &l->allow[i], &now) == 0 && now.kind == WEIR_BAN_ALLOW)
            continue;
        r = weir_table_add(t, &l->allow[i], &hole, e);
        if (r < 0)
            return r;
    }
    return 0;
}

/* From the kernel's map: an adopted instance has its list there before anyone sets it again. */
int weir_allow_find(const struct weir_loader *l, const uint8_t addr[16], struct weir_prefix *ret)
{
    int fd = bpf_map__fd(l->skel->maps.allow);
    struct weir_prefix6 key, *from = NULL;
    struct weir_prefix p;

    for (; !bpf_map_get_next_key(fd, from, &key); from = &key) {
        weir_key_read(&p, (const uint8_t *)&key, WEIR_TABLE_PREFIX6);
        if (!weir_prefix_has(&p, addr))
            continue;
        *ret = p;
        return 0;
    }
    return -ENOENT;
}

struct unresolved {
    const struct weir_loader *l;
    struct weir_doomed doomed;
};

/* Bans and denied prefixes that are allowed now, and holes that nobody asks for any more. */
static int doom_unresolved(const struct weir_ban_entry *entry, void *arg)
{
    struct unresolved *u = arg;
    bool stays = entry->ban.kind != WEIR_BAN_ALLOW
                     ? !weir_allow_has(u->l, &entry->prefix)
                     : u->l->allows && bsearch(&entry->prefix, u->l->allow, u->l->allows,
                                               sizeof(entry->prefix), weir_prefix_compare);

    return stays ? 0 : weir_doom(&u->doomed, &entry->prefix);
}

/* Table by table: a hole of one address stands among the prefixes, its ban does not. */
static int remove_unresolved(struct weir_loader *l, enum weir_table_id id)
{
    struct unresolved u = { .l = l };
    struct weir_table t;
    int r;

    weir_table_init(&t, l, id);
    r = weir_table_walk(&t, doom_unresolved, &u);
    if (r == 0)
        r = weir_table_remove_all(&t, u.doomed.prefix, u.doomed.n);
    free(u.doomed.prefix);
    return r;
}

/* Sort, and leave out what another prefix of the list holds. */
size_t weir_prefixes_disjoint(struct weir_prefix *p, size_t n)
{
    size_t kept = 0;

    qsort(p, n, sizeof(*p), weir_prefix_compare);
    for (size_t i = 0; i < n; i++) {
        if (!kept || !weir_prefix_has(&p[kept - 1], p[i].addr))
            p[kept++] = p[i];
    }
    return kept;
}

static void allow_delete_stale(const struct weir_loader *l, int fd)
{
    struct weir_doomed d = { 0 };
    struct weir_prefix6 key, *from = NULL;
    struct weir_prefix p;

    for (; !bpf_map_get_next_key(fd, from, &key); from = &key) {
        weir_key_read(&p, (const uint8_t *)&key, WEIR_TABLE_PREFIX6);
        if (!bsearch(&p, l->allow, l->allows, sizeof(p), weir_prefix_compare))
            (void)weir_doom(&d, &p); /* without memory an entry too many stays: it only allows */
    }
    for (size_t i = 0; i < d.n; i++) {
        weir_key_make((uint8_t *)&key, &d.prefix[i], WEIR_TABLE_PREFIX6);
        (void)bpf_map_delete_elem(fd, &key);
    }
    free(d.prefix);
}

static int allow_write(const struct weir_loader *l, struct weir_error *e)
{
    int fd = bpf_map__fd(l->skel->maps.allow);
    struct weir_prefix6 key;
    const uint32_t one = 1;

    if (l->allows)
        __atomic_store_n(&l->skel->data_control->control.allows, 1, __ATOMIC_RELEASE);
    for (size_t i = 0; i < l->allows; i++) {
        weir_key_make((uint8_t *)&key, &l->allow[i], WEIR_TABLE_PREFIX6);
        if (bpf_map_update_elem(fd, &key, &one, BPF_ANY))
            return weir_error_set(e, errno, "allow list of %zu: %s", l->allows, strerror(errno));
    }
    allow_delete_stale(l, fd);
    if (!l->allows)
        __atomic_store_n(&l->skel->data_control->control.allows, 0, __ATOMIC_RELEASE);
    return 0;
}

/* Make the maps say what l->allow does: first what comes, then without what goes. */
static int allow_enter(struct weir_loader *l, struct weir_error *e)
{
    _cleanup_(weir_tables_free) struct weir_tables all = { 0 };
    int r = allow_write(l, e);

    weir_tables_init(&all, l);
    if (r == 0 && (*all.t[WEIR_TABLE_PREFIX4].present || *all.t[WEIR_TABLE_PREFIX6].present))
        r = weir_allow_holes(l, &all, e);
    if (r == 0)
        r = weir_tables_flush(&all, e);
    for (int id = 0; r == 0 && id < WEIR_TABLE_MAX; id++) {
        r = remove_unresolved(l, id);
        if (r < 0)
            (void)weir_error_set(e, -r, "bans against the allow list: %s", weir_errno_text(r));
    }
    return r;
}

int weir_allow_set(struct weir_loader *l, const struct weir_prefix *allow, size_t n,
                   struct weir_error *e)
{
    struct weir_prefix *copy = calloc(n ? n : 1, sizeof(*copy)), *old = l->allow;
    size_t olds = l->allows;
    int r;

    if (!copy)
        return weir_error_set(e, ENOMEM, "no memory");
    if (n)
        memcpy(copy, allow, n * sizeof(*copy));
    l->allow = copy;
    l->allows = weir_prefixes_disjoint(copy, n);
    r = allow_enter(l, e);
    if (r < 0) {
        l->allow = old;
        l->allows = olds;
        (void)allow_enter(l, NULL);
        old = copy;
    }
    free(old);
    return r;
}
