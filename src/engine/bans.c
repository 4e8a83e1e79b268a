/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "engine/internal.h"
#include "events/names.h"

#define SECOND_NS 1000000000ULL

static int ban_enter(struct weir_engine *g, const struct weir_note *note, struct weir_error *e)
{
    uint64_t now_ns = weir_clock_ns(CLOCK_MONOTONIC);
    uint64_t now_s = weir_clock_ns(CLOCK_REALTIME) / SECOND_NS;
    struct weir_ban_entry entry = {
        .prefix = note->prefix,
        .ban = { .since_s = (uint32_t)(now_ns / SECOND_NS),
                 .kind = WEIR_BAN_BAN,
                 .scope = (uint8_t)note->scope,
                 .reason = WEIR_REASON_OPERATOR },
    };
    size_t allowed = 0;
    int r;

    if (note->expires_s)
        entry.ban.expires_s = (uint32_t)(now_ns / SECOND_NS + (note->expires_s - now_s));
    r = weir_bans_set(g->loader, &entry, 1, &allowed, e);
    if (r < 0)
        return r;
    return allowed ? weir_error_set(e, EEXIST, "inside the allow list, which beats every ban") : 0;
}

#define NEVER_AGE_NS                                                                               \
    SECOND_NS /* a scan may ask many times a second, and the answer takes files                    \
               */

int weir_engine_never(struct weir_engine *g, const struct weir_prefix *prefix, struct weir_error *e)
{
    static const char *const what[WEIR_NEVER_MAX] = {
        [WEIR_NEVER_PREFIX] = "an address of the policy's list",
        [WEIR_NEVER_GATEWAY] = "the gateway of a default route",
        [WEIR_NEVER_RESOLVERS] = "a name server of /etc/resolv.conf",
        [WEIR_NEVER_MANAGEMENT] = "the other end of an SSH session",
    };
    uint64_t now_ns = weir_clock_ns(CLOCK_MONOTONIC);
    char text[WEIR_ADDR_TEXT + 4], whole[WEIR_ADDR_TEXT + 4];
    const struct weir_never *never;

    if (!g->never_ns || now_ns - g->never_ns > NEVER_AGE_NS) {
        if (weir_never_collect(&g->never, g->settings) < 0)
            return weir_error_set(e, ENOMEM, "no memory");
        g->never_ns = now_ns;
    }
    never = weir_never_find(&g->never, prefix);
    if (!never)
        return 0;
    weir_prefix_format(prefix, whole);
    weir_prefix_format(&never->prefix, text);
    (void)weir_error_set(e, EEXIST, "%s: %s is %s, which bans.never spares; --force bans it", whole,
                         text, what[never->kind]);
    return 1;
}

int weir_engine_ban(struct weir_engine *g, const struct weir_prefix *prefix, uint64_t seconds,
                    enum weir_ban_scope scope, const char *reason, bool force, struct weir_error *e)
{
    struct weir_note note = { .prefix = *prefix, .scope = scope }, old = { 0 };
    struct weir_note *was = weir_notes_find(g, prefix);
    int r;

    if (!weir_reason_valid(reason))
        return weir_error_set(e, EINVAL,
                              "reason: expected at most %d bytes without control "
                              "characters",
                              WEIR_BAN_REASON - 1);
    r = force ? 0 : weir_engine_never(g, prefix, e);
    if (r)
        return r < 0 ? r : -EEXIST;
    strcpy(note.reason, reason);
    if (!was)
        weir_notes_prune(g, weir_clock_ns(CLOCK_REALTIME) / SECOND_NS);
    if (was)
        old = *was;
    if (seconds)
        note.expires_s = weir_clock_ns(CLOCK_REALTIME) / SECOND_NS + seconds;
    r = weir_notes_put(g, &note, e);
    if (r < 0)
        return r;
    r = ban_enter(g, &note, e);
    if (r < 0) {
        if (was)
            *was = old;
        else
            weir_notes_remove(g, prefix);
        return r;
    }
    return weir_notes_save(g, e);
}

int weir_engine_unban(struct weir_engine *g, const struct weir_prefix *prefix, struct weir_error *e)
{
    char text[WEIR_ADDR_TEXT + 4];
    int r = weir_bans_remove(g->loader, prefix);

    weir_prefix_format(prefix, text);
    if (prefix->bits == 128)
        weir_offenders_undo(&g->offenders, prefix->addr);
    if (r < 0 && r != -ENOENT)
        return weir_error_set(e, -r, "%s: %s", text, strerror(-r));
    if (weir_notes_find(g, prefix)) {
        int saved;

        weir_notes_remove(g, prefix);
        saved = weir_notes_save(g, e);
        if (saved < 0)
            return saved;
    }
    return r < 0 ? weir_error_set(e, -r, "%s: is not banned; `weir bans` lists what is", text) : 0;
}

/* Which noted bans does the kernel hold? Marks by index. */
struct held {
    struct weir_engine *g;
    bool yes[WEIR_BANS_NOTED];
};

static int mark_held(const struct weir_ban_entry *entry, void *arg)
{
    struct held *h = arg;
    const struct weir_note *note = weir_notes_find(h->g, &entry->prefix);

    if (note)
        h->yes[note - h->g->note] = true;
    return 0;
}

int weir_bans_restore(struct weir_engine *g, struct weir_error *e)
{
    uint64_t now_s = weir_clock_ns(CLOCK_REALTIME) / SECOND_NS;
    struct held h = { .g = g };
    int r = weir_bans_each(g->loader, mark_held, &h);

    if (r < 0)
        return weir_error_set(e, -r, "bans: %s", strerror(-r));
    for (size_t i = 0; i < g->notes; i++) {
        const struct weir_note *note = &g->note[i];

        if (h.yes[i] || (note->expires_s && note->expires_s <= now_s))
            continue;
        r = ban_enter(g, note, e);
        if (r < 0 && r != -EEXIST)
            return r;
    }
    return 0;
}

struct listing {
    struct weir_engine *g;
    struct weir_json *j;
};

/* The reason that the policy gives, else its file, else its place. */
static const char *list_reason(const struct weir_engine *g, size_t item, char text[WEIR_LIST_TEXT])
{
    const struct weir_source_setting *s;

    (void)snprintf(text, WEIR_LIST_TEXT, "deny[%zu]", item);
    if (item >= g->settings->deny.n)
        return text;
    s = &g->settings->deny.v[item];
    return s->reason ? s->reason : s->file ? s->file : text;
}

const char *weir_ban_reason(struct weir_engine *g, const struct weir_ban_entry *entry,
                            char text[WEIR_LIST_TEXT])
{
    const struct weir_note *note = weir_notes_find(g, &entry->prefix);
    const struct weir_detection_info *d;

    if (entry->ban.reason == WEIR_REASON_OPERATOR)
        return note ? note->reason : "";
    if (entry->ban.reason >= WEIR_REASON_LIST)
        return list_reason(g, entry->ban.reason - WEIR_REASON_LIST, text);
    d = weir_detection_by_id(entry->ban.reason);
    return d ? d->name : "unknown";
}

const char *weir_scope_name(unsigned scope)
{
    static const char *const names[WEIR_SCOPE_MAX] = { "all", "tcp", "new" };

    return names[scope < WEIR_SCOPE_MAX ? scope : WEIR_SCOPE_ALL];
}

void weir_ban_write(struct weir_engine *g, struct weir_json *j, const struct weir_ban_entry *entry,
                    uint64_t now_ns)
{
    char text[WEIR_ADDR_TEXT + 4], time[WEIR_TIME_TEXT], item[WEIR_LIST_TEXT];
    uint64_t until = entry->ban.expires_s * SECOND_NS;

    weir_prefix_format(&entry->prefix, text);
    weir_json_str(j, "prefix", text);
    weir_json_str(j, "kind", entry->ban.kind == WEIR_BAN_DENY ? "deny" : "ban");
    weir_json_str(j, "reason", weir_ban_reason(g, entry, item));
    weir_json_str(j, "scope", weir_scope_name(entry->ban.scope));
    weir_json_u64(j, "packets", entry->ban.packets);
    weir_json_str(j, "since",
                  weir_time_format(entry->ban.since_s * SECOND_NS + g->clock_offset_ns, time));
    if (!until)
        return;
    weir_json_str(j, "expires", weir_time_format(until + g->clock_offset_ns, time));
    weir_json_u64(j, "expires_in_s",
                  until > now_ns ? (until - now_ns + SECOND_NS - 1) / SECOND_NS : 0);
}

static int list_one(const struct weir_ban_entry *entry, void *arg)
{
    struct listing *l = arg;
    uint64_t now_ns = weir_clock_ns(CLOCK_MONOTONIC);

    if (entry->ban.expires_s && entry->ban.expires_s * SECOND_NS <= now_ns)
        return 0;
    weir_json_object(l->j, NULL);
    weir_ban_write(l->g, l->j, entry, now_ns);
    weir_json_object_end(l->j);
    return 0;
}

int weir_engine_bans_write(struct weir_engine *g, struct weir_json *j)
{
    struct listing l = { g, j };
    int r;

    weir_json_array(j, "bans");
    r = weir_bans_each(g->loader, list_one, &l);
    weir_json_array_end(j);
    return r;
}
