/* SPDX-License-Identifier: Apache-2.0 */

/* Bans and deny lists: enter, remove, list, expire. */

#include "loader/table.h"

#include <errno.h>

static bool prefix_is_sane(const struct weir_prefix *p)
{
    return p->bits <= 128;
}

int weir_bans_set(struct weir_loader *l, const struct weir_ban_entry *entries, size_t n,
                  size_t *ret_allowed, struct weir_error *e)
{
    _cleanup_(weir_tables_free) struct weir_tables all = { 0 };
    bool prefixes = false;
    size_t allowed = 0;
    int r = 0;

    weir_tables_init(&all, l);
    for (size_t i = 0; i < n; i++) {
        if (!prefix_is_sane(&entries[i].prefix))
            return weir_error_set(e, EINVAL, "prefix length %u; expected at most 128",
                                  entries[i].prefix.bits);
        prefixes |= entries[i].prefix.bits < 128;
    }
    if (prefixes)
        r = weir_allow_holes(l, &all, e); /* before the prefixes around them */
    for (size_t i = 0; r == 0 && i < n; i++) {
        if (entries[i].ban.expires_s && entries[i].ban.expires_s < l->next_expiry_s)
            l->next_expiry_s = entries[i].ban.expires_s;
        if (weir_allow_has(l, &entries[i].prefix))
            allowed++;
        else
            r = weir_table_add(&all.t[weir_table_of(&entries[i].prefix)], &entries[i].prefix,
                               &entries[i].ban, e);
    }
    if (r == 0)
        r = weir_tables_flush(&all, e);
    if (ret_allowed)
        *ret_allowed = allowed;
    return r;
}

int weir_bans_remove(struct weir_loader *l, const struct weir_prefix *prefix)
{
    struct weir_table t;

    if (!prefix_is_sane(prefix))
        return -EINVAL;
    if (weir_allow_has(l, prefix))
        return -ENOENT; /* what stands under this key is a hole */
    if (weir_deny_has(l, prefix))
        return weir_deny_restore(l, prefix);
    weir_table_init(&t, l, weir_table_of(prefix));
    return weir_table_remove(&t, prefix);
}

struct each {
    weir_ban_fn fn;
    void *arg;
};

static int pass_ban(const struct weir_ban_entry *entry, void *arg)
{
    const struct each *each = arg;

    return entry->ban.kind == WEIR_BAN_ALLOW ? 0 : each->fn(entry, each->arg);
}

int weir_bans_each(struct weir_loader *l, weir_ban_fn fn, void *arg)
{
    struct each each = { fn, arg };

    return weir_tables_walk(l, pass_ban, &each);
}

struct expired {
    const struct weir_loader *l;
    struct weir_doomed over;
    struct weir_doomed denied; /* over, and a denied prefix again */
    uint64_t now_s;
    uint32_t next_s; /* of those that are not over */
};

static int doom_expired(const struct weir_ban_entry *entry, void *arg)
{
    struct expired *x = arg;

    if (!entry->ban.expires_s)
        return 0;
    if (entry->ban.expires_s <= x->now_s)
        return weir_doom(weir_deny_has(x->l, &entry->prefix) ? &x->denied : &x->over,
                         &entry->prefix);
    if (entry->ban.expires_s < x->next_s)
        x->next_s = entry->ban.expires_s;
    return 0;
}

int weir_bans_expire(struct weir_loader *l, uint64_t now_ns)
{
    struct expired x = { .l = l, .now_s = now_ns / 1000000000, .next_s = UINT32_MAX };
    int r;

    if (l->next_expiry_s > x.now_s)
        return 0; /* a walk over long lists each second would be felt */
    r = weir_tables_walk(l, doom_expired, &x);
    if (r == 0)
        r = weir_doomed_remove(l, &x.over);
    for (size_t i = 0; r == 0 && i < x.denied.n; i++)
        r = weir_deny_restore(l, &x.denied.prefix[i]);
    free(x.over.prefix);
    free(x.denied.prefix);
    if (r < 0)
        return r;
    l->next_expiry_s = x.next_s;
    return (int)(x.over.n + x.denied.n);
}
