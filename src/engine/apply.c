/* SPDX-License-Identifier: Apache-2.0 */

/* A policy comes into force: what can be known is checked, the image is prepared, the lists change,
 * and the image is flipped last. Whatever fails, the policy before holds. */

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "base/clock.h"
#include "engine/internal.h"
#include "policy/compile.h"
#include "policy/patterns.h"

static uint32_t ifindex_of(const char *name)
{
    return if_nametoindex(name); /* 0: there is none */
}

/* Settings in the form that the loader takes. */
struct lists {
    struct weir_prefix *allow;
    size_t allows;
    struct weir_ban_entry *deny;
    size_t denies;
};

static void lists_free(struct lists *l)
{
    free(l->allow);
    free(l->deny);
}

static int lists_make(const struct weir_settings *s, struct lists *ret, struct weir_error *e)
{
    uint32_t now_s = (uint32_t)(weir_clock_ns(CLOCK_MONOTONIC) / 1000000000);

    ret->allow = calloc(s->allowed.n + 1, sizeof(*ret->allow));
    ret->deny = calloc(s->denied.n + 1, sizeof(*ret->deny));
    if (!ret->allow || !ret->deny)
        return weir_error_set(e, ENOMEM, "no memory");
    for (; ret->allows < s->allowed.n; ret->allows++)
        ret->allow[ret->allows] = s->allowed.v[ret->allows].prefix;
    for (; ret->denies < s->denied.n; ret->denies++)
        ret->deny[ret->denies] = (struct weir_ban_entry){
            .prefix = s->denied.v[ret->denies].prefix,
            .ban = { .kind = WEIR_BAN_DENY,
                     .since_s = now_s,
                     .reason = (uint16_t)(WEIR_REASON_LIST + s->denied.v[ret->denies].item) },
        };
    return 0;
}

/* The rings fill while this goes on: they are read between the steps, once there is who listens. */
static int lists_enter(struct weir_engine *g, const struct lists *l, struct weir_error *e)
{
    int r = weir_allow_set(g->loader, l->allow, l->allows, e);

    (void)weir_engine_read(g);
    if (r == 0)
        r = weir_deny_set(g->loader, l->deny, l->denies, e);
    (void)weir_engine_read(g);
    return r;
}

static void lists_put_back(struct weir_engine *g, const struct weir_settings *before)
{
    _cleanup_(lists_free) struct lists l = { 0 };

    if (before && lists_make(before, &l, NULL) == 0)
        (void)lists_enter(g, &l, NULL);
}

static int image_prepare(struct weir_engine *g, const struct weir_settings *s,
                         uint32_t ret_ifindex[WEIR_ZONES], struct weir_error *e)
{
    _cleanup_free_ struct weir_image *image = malloc(sizeof(*image));

    if (!image)
        return weir_error_set(e, ENOMEM, "no memory");
    for (size_t i = 0; i < s->zones.n; i++)
        if (s->zones.v[i].interface)
            ret_ifindex[i] = ifindex_of(s->zones.v[i].interface);
    weir_settings_compile(s, ifindex_of, image);
    return weir_loader_image_prepare(g->loader, image, e);
}

static void image_commit(struct weir_engine *g, enum weir_mode mode,
                         const uint32_t ifindex[WEIR_ZONES])
{
    weir_loader_image_commit(g->loader, mode);
    memcpy(g->zone_ifindex, ifindex, sizeof(g->zone_ifindex));
}

/* A state that a connection carries is void under another epoch. The first is by the clock: the
 * patterns may be those of a process before. */
static uint32_t epoch_next(struct weir_engine *g)
{
    if (!g->epoch)
        g->epoch = (uint32_t)(weir_clock_ns(CLOCK_REALTIME) / 1000000000);
    return g->epoch++ % WEIR_EPOCH_MAX + 1;
}

static int patterns_build(struct weir_engine *g, const struct weir_settings *s,
                          struct weir_patterns_image *ret, struct weir_error *e)
{
    return weir_patterns_build(s, epoch_next(g), ret, e);
}

static int patterns_enter(struct weir_engine *g, const struct weir_patterns_image *image,
                          struct weir_error *e)
{
    int r = 0;

    for (uint32_t lane = 0; lane < WEIR_LANES && r == 0; lane++) {
        r = weir_loader_patterns_set(g->loader, lane, image->lane[lane].automaton,
                                     image->lane[lane].bytes, e);
        (void)weir_engine_read(g);
    }
    return r;
}

static void patterns_put_back(struct weir_engine *g, const struct weir_settings *before)
{
    _cleanup_(weir_patterns_image_free) struct weir_patterns_image image = { 0 };

    if (before && patterns_build(g, before, &image, NULL) == 0)
        (void)patterns_enter(g, &image, NULL);
}

/* What is likely to fail comes first, and touches nothing that packets go by. */
static int wire_enter(struct weir_engine *g, const struct weir_settings *s, enum weir_mode mode,
                      struct weir_error *e)
{
    _cleanup_(weir_patterns_image_free) struct weir_patterns_image patterns = { 0 };
    _cleanup_(lists_free) struct lists l = { 0 };
    uint32_t ifindex[WEIR_ZONES] = { 0 };
    int r = lists_make(s, &l, e);

    if (r == 0)
        r = patterns_build(g, s, &patterns, e);
    if (r == 0)
        r = weir_lists_check(g->loader, l.allow, l.allows, l.deny, l.denies, e);
    if (r == 0)
        r = image_prepare(g, s, ifindex, e);
    if (r < 0)
        return r;
    r = patterns_enter(g, &patterns, e);
    if (r == 0)
        r = lists_enter(g, &l, e);
    if (r == 0) {
        image_commit(g, mode, ifindex);
        return 0;
    }
    patterns_put_back(g, g->settings);
    lists_put_back(g, g->settings);
    return r;
}

static void limits_remark(struct weir_engine *g, const struct weir_settings *s,
                          struct weir_buf *remarks)
{
    struct weir_loader_config has = { 0 };

    weir_loader_sizes(g->loader, &has);
    const struct {
        const char *name;
        uint64_t wanted, has;
    } limit[] = {
        { "bans", s->limits.bans, has.bans },
        { "prefixes", s->limits.prefixes, has.prefixes },
        { "allow", s->limits.allow, has.allows },
        { "incidents", s->limits.incidents, has.incidents },
        { "flows", s->limits.flows, has.flows },
        { "half_open", s->limits.half_open, has.half_open },
        { "contents", s->limits.contents, has.contents },
        { "payloads", s->limits.payloads, has.payloads },
        { "events_high", s->limits.events_high, has.ring_high },
        { "events_bulk", s->limits.events_bulk, has.ring_bulk },
    };

    for (size_t i = 0; i < sizeof(limit) / sizeof(limit[0]); i++)
        if (limit[i].wanted != limit[i].has)
            weir_buf_addf(remarks,
                          "limits.%s: the policy says %llu, the running table has %llu: `weir "
                          "down` and `weir run` make it anew\n",
                          limit[i].name, (unsigned long long)limit[i].wanted,
                          (unsigned long long)limit[i].has);
}

/* A list that cuts the operator off is obeyed, but not in silence. */
static void never_remark(struct weir_engine *g, const struct weir_settings *s,
                         struct weir_buf *remarks)
{
    _cleanup_(weir_never_free) struct weir_never_set never = { 0 };

    if (weir_never_collect(&never, s) < 0)
        return;
    for (size_t i = 0; i < never.n; i++) {
        struct weir_never_set one = { .v = &never.v[i], .n = 1 };
        char text[WEIR_ADDR_TEXT + 4], denied[WEIR_ADDR_TEXT + 4];
        struct weir_prefix allowed;

        for (size_t k = 0; k < s->denied.n; k++) {
            if (!weir_never_find(&one, &s->denied.v[k].prefix) ||
                weir_allow_find(g->loader, never.v[i].prefix.addr, &allowed) == 0)
                continue;
            weir_prefix_format(&never.v[i].prefix, text);
            weir_prefix_format(&s->denied.v[k].prefix, denied);
            weir_buf_addf(remarks,
                          "deny[%u]: %s holds %s, which bans.never would spare: allow it\n",
                          s->denied.v[k].item, denied, text);
            break;
        }
    }
}

static void zones_remark(const struct weir_engine *g, const struct weir_settings *s,
                         struct weir_buf *remarks)
{
    for (size_t i = 0; i < s->zones.n; i++)
        if (s->zones.v[i].interface && !g->zone_ifindex[i])
            weir_buf_addf(remarks, "zones[%zu]: %s: there is no such interface now\n", i,
                          s->zones.v[i].interface);
}

int weir_policy_enter(struct weir_engine *g, struct weir_settings **s, enum weir_mode mode,
                      struct weir_buf *remarks, struct weir_error *e)
{
    struct weir_error why = { 0 };
    int r = wire_enter(g, *s, mode, e);

    if (r < 0)
        return r;
    weir_settings_free(g->settings);
    g->settings = TAKE_PTR(*s);
    g->never_ns = 0;
    if (weir_loader_image_trim(g->loader, &why) < 0)
        weir_buf_addf(remarks, "rows that are off still cost their time: %s\n", why.text);
    limits_remark(g, g->settings, remarks);
    never_remark(g, g->settings, remarks);
    if (g->listens)
        weir_engine_hellos_remark(g, remarks);
    zones_remark(g, g->settings, remarks);
    return weir_bans_restore(g, e); /* those that the allow list before had lifted */
}

int weir_engine_policy_apply(struct weir_engine *g, struct weir_settings **s,
                             struct weir_buf *remarks, struct weir_error *e)
{
    enum weir_mode mode = weir_loader_mode(g->loader);
    struct weir_error why = { 0 };
    int r = weir_kept_prepare(g, *s, e);

    if (r < 0)
        return r;
    if (weir_settings_states(*s, "mode"))
        mode = (enum weir_mode)(*s)->mode;
    r = weir_policy_enter(g, s, mode, remarks, e);
    if (r < 0)
        return r;
    g->applied_ns = weir_clock_ns(CLOCK_REALTIME);
    if (weir_kept_commit(g, &why) < 0)
        weir_buf_addf(remarks, "%s\n", why.text);
    why.text[0] = '\0';
    if (weir_cookies_refresh(g, &why) < 0)
        weir_buf_addf(remarks, "%s\n", why.text);
    weir_cookies_remark(g, remarks);
    return 0;
}

int weir_zones_refresh(struct weir_engine *g, struct weir_error *e)
{
    uint32_t ifindex[WEIR_ZONES] = { 0 };
    bool changed = false;
    int r;

    for (size_t i = 0; i < g->settings->zones.n; i++) {
        const char *name = g->settings->zones.v[i].interface;

        changed |= name && ifindex_of(name) != g->zone_ifindex[i];
    }
    if (!changed)
        return 0;
    r = image_prepare(g, g->settings, ifindex, e);
    if (r == 0)
        image_commit(g, weir_loader_mode(g->loader), ifindex);
    return r;
}

const char *weir_engine_policy_name(const struct weir_engine *g)
{
    return g->settings->bundle.files ? g->settings->bundle.file[0].name : "";
}

int weir_engine_policy_write(struct weir_engine *g, struct weir_json *j, struct weir_error *e)
{
    _cleanup_(weir_buf_free) struct weir_buf text = { 0 };
    char time[WEIR_TIME_TEXT];

    weir_json_str(j, "policy", weir_engine_policy_name(g));
    if (g->applied_ns)
        weir_json_str(j, "applied", weir_time_format(g->applied_ns, time));
    weir_json_str(j, "mode", weir_mode_name(weir_loader_mode(g->loader)));
    weir_settings_json(g->settings, j);
    weir_settings_show(g->settings, &text);
    if (text.failed)
        return weir_error_set(e, ENOMEM, "no memory");
    weir_json_strn(j, "text", text.data, text.len);
    return 0;
}
