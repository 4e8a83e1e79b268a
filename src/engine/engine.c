/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "analytics/scans.h"
#include "engine/internal.h"
#include "events/eve_flow.h"
#include "policy/compile.h"
#include "policy/patterns.h"

#define CLOCK_STEP_NS 5000000

/* Connections may be older than the tables, so for so long nothing is dropped for being out of
 * place (docs/decisions/007-floods.md). */
#define SETTLE_NS (60ULL * 1000 * 1000 * 1000)

/* Where an instance of this state directory may have pins of its own. */
static const char *pins_preferred(const char *state_dir)
{
    size_t len = strlen(state_dir);

    while (len > 1 && state_dir[len - 1] == '/')
        len--;
    if (len != strlen(WEIR_STATE_DIR) || memcmp(state_dir, WEIR_STATE_DIR, len))
        return NULL;
    return WEIR_PINS_DEFAULT;
}

/* Is something pinned that may judge any row? Then so must what takes its place, until it is known.
 */
static bool pins_judge(const struct weir_engine *g)
{
    char path[WEIR_PINS_PATH + 8];

    (void)snprintf(path, sizeof(path), "%s/policy", g->pins);
    return g->pins[0] && access(path, F_OK) == 0;
}

static void loader_configure(struct weir_engine *g, const struct weir_engine_config *c,
                             const struct weir_settings *s, struct weir_loader_config *ret)
{
    struct weir_image image;

    weir_settings_compile(s, NULL, &image);
    weir_image_judged(&image, ret->judged);
    for (unsigned row = 0; pins_judge(g) && row < WEIR_ROWS; row++)
        ret->judged[row >> 6] |= 1ULL << (row & 63);
    memcpy(ret->judged_egress, ret->judged, sizeof(ret->judged_egress));
    ret->bans = (uint32_t)s->limits.bans;
    ret->prefixes = (uint32_t)s->limits.prefixes;
    ret->allows = (uint32_t)s->limits.allow;
    ret->incidents = (uint32_t)s->limits.incidents;
    ret->flows = (uint32_t)s->limits.flows;
    ret->half_open = (uint32_t)s->limits.half_open;
    ret->contents = (uint32_t)s->limits.contents;
    ret->payloads = (uint32_t)s->limits.payloads;
    ret->ring_high = (uint32_t)s->limits.events_high;
    ret->ring_bulk = (uint32_t)s->limits.events_bulk;
    ret->drop_events = c->log_drops ? WEIR_DROP_EVENTS : 0;
    ret->hellos = c->tls || s->tls.n;
    weir_keeper_configure(s, c->evidence, ret);
    ret->pins = g->pins[0] ? g->pins : NULL;
}

static int load(struct weir_engine *g, const struct weir_engine_config *c,
                const struct weir_settings *s, struct weir_error *e)
{
    struct weir_loader_config lc = { 0 };
    struct weir_error why = { 0 };
    int r = weir_pins_prepare(pins_preferred(c->state_dir), c->state_dir, g->pins, &why);

    if (r < 0)
        return weir_error_set(e, -r, "%s", why.text);
    if (!g->pins[0])
        weir_buf_addf(&g->remarks, "not pinned, ends with this process: %s\n", why.text);
    loader_configure(g, c, s, &lc);
    r = weir_loader_new(&lc, &g->loader, e);
    if (r < 0)
        return r;
    g->adopted = weir_loader_adopted(g->loader);
    if (!g->adopted)
        weir_flood_settled(g->loader, weir_clock_ns(CLOCK_MONOTONIC) + SETTLE_NS);
    r = weir_suspects_start(g, c->state_dir, e);
    if (r == 0)
        r = weir_keeper_new(g, s, c->evidence, e);
    if (r == 0)
        r = weir_engine_hellos_new(g, lc.hellos, e);
    return r < 0 ? r : weir_live_new(g, e);
}

static int attach(struct weir_engine *g, const struct weir_engine_config *c,
                  const struct weir_settings *s, struct weir_error *e)
{
    struct weir_wanted wanted[WEIR_INTERFACES_MAX];
    int n = weir_interfaces_wanted(c, s, wanted, &g->remarks, e), r;

    if (n < 0)
        return n;
    for (int i = 0; i < n; i++) {
        struct weir_error why = { 0 };

        r = weir_loader_attach(g->loader, wanted[i].name, wanted[i].how, &why, e);
        if (r < 0)
            return r;
        if (why.text[0])
            weir_buf_addf(&g->remarks, "%s: TC ingress instead of native XDP: %s\n", wanted[i].name,
                          why.text);
    }
    r = weir_loader_detach_others(g->loader, e);
    return r == 0 ? weir_inbound_refresh(g->loader, e) : r;
}

/* A restart leaves the mode as it is pinned: `weir mode` may have set it. */
static enum weir_mode start_mode(const struct weir_engine *g, const struct weir_engine_config *c,
                                 const struct weir_settings *s)
{
    if (c->mode != WEIR_MODE_KEEP)
        return c->mode;
    return g->adopted ? weir_loader_mode(g->loader) : (enum weir_mode)s->mode;
}

/* What was in force last, or the defaults; and what the caller wants instead, NULL when that is the
 * same. */
struct plan {
    struct weir_settings *last;
    struct weir_settings *fresh;
};

static void plan_free(struct plan *p)
{
    weir_settings_free(p->last);
    weir_settings_free(p->fresh);
}

static int plan_make(struct weir_engine *g, const struct weir_engine_config *c, struct plan *ret,
                     struct weir_error *e)
{
    int r = weir_kept_load(g, c->state_dir, &ret->last, e);

    if (r < 0)
        return r;
    if (c->policy && *c->policy &&
        !(ret->last && weir_bundle_equal(&ret->last->bundle, &(*c->policy)->bundle)))
        ret->fresh = TAKE_PTR(*c->policy);
    if (!ret->last && weir_settings_default(&ret->last) < 0)
        return weir_error_set(e, ENOMEM, "no memory");
    return 0;
}

/* The fresh policy alone, before the first packet comes. */
static int enter_first(struct weir_engine *g, const struct weir_engine_config *c, struct plan *p,
                       struct weir_error *e)
{
    struct weir_settings **s = p->fresh ? &p->fresh : &p->last;
    bool fresh = p->fresh;
    int r = fresh ? weir_kept_prepare(g, *s, e) : 0;

    if (r == 0)
        r = weir_policy_enter(g, s, start_mode(g, c, *s), &g->remarks, e);
    if (r < 0 || !fresh)
        return r;
    g->applied_ns = weir_clock_ns(CLOCK_REALTIME);
    return weir_kept_commit(g, e);
}

/* What was adopted goes on under the policy that it has until every hook has programs of ours; then
 * the fresh one is applied as at any other time. */
static int enter_adopted(struct weir_engine *g, const struct weir_engine_config *c, struct plan *p,
                         struct weir_error *e)
{
    int r = weir_policy_enter(g, &p->last, start_mode(g, c, p->last), &g->remarks, e);

    if (r < 0 || !p->fresh)
        return r;
    weir_buf_clear(&g->remarks); /* they are told again if they still hold */
    r = weir_engine_policy_apply(g, &p->fresh, &g->remarks, e);
    if (r == 0 && c->mode != WEIR_MODE_KEEP)
        weir_loader_mode_write(g->loader, c->mode);
    return r;
}

/* A system that does not let itself be set keeps nobody from running. */
static void cookies_enter(struct weir_engine *g, struct weir_buf *remarks)
{
    struct weir_error why = { 0 };

    if (weir_cookies_refresh(g, &why) < 0)
        weir_buf_addf(remarks, "%s\n", why.text);
    weir_cookies_remark(g, remarks);
}

static int start(struct weir_engine *g, const struct weir_engine_config *c, struct weir_error *e)
{
    _cleanup_(plan_free) struct plan p = { 0 };
    const struct weir_settings *s;
    int r = weir_notes_load(g, c->state_dir, e);

    if (r == 0)
        r = weir_cookies_start(g, c->state_dir, e);
    if (r == 0)
        r = plan_make(g, c, &p, e);
    s = p.fresh ? p.fresh : p.last;
    if (r == 0)
        r = load(g, c, s, e);
    if (r == 0)
        r = weir_usual_start(g, c->state_dir, e);
    if (r == 0 && !g->adopted) {
        r = enter_first(g, c, &p, e);
        s = g->settings;
    }
    if (r == 0)
        r = weir_own_refresh(g, e);
    if (r == 0)
        r = weir_engine_pressure_start(g);
    if (r == 0)
        r = weir_events_fd(g->loader);
    if (r >= 0)
        r = attach(g, c, s, e);
    if (r == 0 && g->adopted)
        r = enter_adopted(g, c, &p, e);
    if (r == 0)
        cookies_enter(g, &g->remarks);
    return r;
}

int weir_engine_new(const struct weir_engine_config *config, struct weir_engine **ret,
                    struct weir_error *e)
{
    _cleanup_(weir_engine_freep) struct weir_engine *g = calloc(1, sizeof(*g));
    int r;

    if (!g)
        return weir_error_set(e, ENOMEM, "no memory");
    g->event = config->event;
    g->flow = config->flow;
    g->tls = config->tls;
    g->scan = config->scan;
    g->arg = config->arg;
    g->started_ns = weir_clock_ns(CLOCK_REALTIME);
    g->clock_offset_ns = g->started_ns - weir_clock_ns(CLOCK_MONOTONIC);
    r = weir_engine_scans_new(g, e);
    if (r == 0)
        r = start(g, config, e);
    if (r < 0) {
        if (g->pins[0] && g->loader && !g->adopted)
            (void)weir_pins_down(g->pins, NULL); /* the first error is the one to tell */
        return weir_error_set(e, -r, "%s", strerror(-r));
    }
    g->listens = true;
    *ret = TAKE_PTR(g);
    return 0;
}

void weir_engine_free(struct weir_engine *g)
{
    if (!g)
        return;
    weir_cookies_end(g);
    weir_live_free(g);
    weir_scans_free(g->scans);
    weir_keeper_free(g);
    weir_engine_hellos_free(g);
    weir_loader_free(g->loader);
    weir_buf_free(&g->remarks);
    weir_settings_free(g->settings);
    weir_never_free(&g->never);
    free(g->note);
    free(g);
}

void weir_engine_freep(struct weir_engine **g)
{
    weir_engine_free(*g);
}

const struct weir_buf *weir_engine_notes(const struct weir_engine *g)
{
    return &g->remarks;
}

int weir_engine_fd(struct weir_engine *g)
{
    return weir_events_fd(g->loader);
}

static void on_record(const void *record, size_t len, void *arg)
{
    struct weir_engine *g = arg;
    struct weir_event ev;

    if (weir_live_record(g, record, len) || weir_keeper_record(g, record, len) ||
        weir_engine_hello_record(g, record, len))
        return;
    if (len < sizeof(ev)) {
        g->bad_records++;
        return;
    }
    memcpy(&ev, record, sizeof(ev)); /* the ring is shared with the kernel: check what is used */
    if (!weir_event_valid(&ev, len)) {
        g->bad_records++;
        return;
    }
    weir_sentence_event(g, &ev);
    if (weir_scans_event(g->scans, &ev))
        g->event(&ev, g->arg);
}

int weir_engine_read(struct weir_engine *g)
{
    int r = g->listens ? weir_events_read(g->loader, on_record, g) : 0;

    weir_scans_tick(g->scans, weir_clock_ns(CLOCK_MONOTONIC));
    return r;
}

/* The wall clock may be set, and is slewed. Small steps wait, so that an event has the same time
 * wherever it is written; between the two readings this process may have to wait as well. */
static void clock_follow(struct weir_engine *g)
{
    uint64_t mono = weir_clock_ns(CLOCK_MONOTONIC);
    int64_t off = (int64_t)(weir_clock_ns(CLOCK_REALTIME) - mono - g->clock_offset_ns);

    if (off > CLOCK_STEP_NS || off < -CLOCK_STEP_NS)
        g->clock_offset_ns += (uint64_t)off;
}

int weir_engine_tick(struct weir_engine *g, struct weir_error *e)
{
    uint64_t now_ns = weir_clock_ns(CLOCK_MONOTONIC);
    int r = weir_flood_sweep(g->loader, false);

    if (r == 0)
        r = weir_events_sweep(g->loader, now_ns, false, on_record, g);
    clock_follow(g);
    weir_engine_hellos_tick(g, now_ns);
    weir_engine_scans_review(g);
    if (r >= 0)
        r = weir_bans_expire(g->loader, now_ns);
    if (r >= 0)
        r = weir_engine_pressure_look(g, now_ns);
    if (r < 0)
        return weir_error_set(e, -r, "incidents, bans and counters: %s", strerror(-r));
    r = weir_inbound_refresh(g->loader, e);
    if (r == 0)
        r = weir_own_refresh(g, e);
    if (r == 0)
        r = weir_zones_refresh(g, e);
    if (r == 0)
        r = weir_cookies_refresh(g, e);
    if (r == 0)
        r = weir_keeper_tick(g, now_ns, e);
    if (r == 0)
        r = weir_usual_tick(g, now_ns, e);
    if (r == 0)
        r = weir_suspects_tick(g, now_ns, e);
    if (r < 0 || !g->notes_dirty)
        return r;
    g->notes_dirty = false;
    return weir_notes_save(g, e);
}

int weir_engine_finish(struct weir_engine *g, struct weir_error *e)
{
    int r = weir_flood_sweep(g->loader, true);

    if (r >= 0)
        r = weir_usual_keep(g);
    if (r >= 0)
        r = weir_engine_read(g);
    weir_engine_pressure_end(g);
    if (r >= 0)
        r = weir_live_finish(g);
    if (r >= 0)
        r = weir_events_sweep(g->loader, weir_clock_ns(CLOCK_MONOTONIC), true, on_record, g);
    if (r < 0)
        return weir_error_set(e, -r, "the last events could not be read: %s", strerror(-r));
    weir_engine_hellos_finish(g);
    weir_scans_finish(g->scans);
    return weir_suspects_save(g, e);
}

static struct weir_eve_source source_of(struct weir_engine *g, uint32_t ifindex,
                                        char name[IF_NAMESIZE])
{
    if (!ifindex) /* of the host itself */
        return (struct weir_eve_source){ .clock_offset_ns = g->clock_offset_ns };
    return (struct weir_eve_source){ .in_iface = weir_interface_name(ifindex, name),
                                     .clock_offset_ns = g->clock_offset_ns };
}

void weir_engine_flow_write(struct weir_engine *g, const struct weir_flow_event *ev,
                            struct weir_buf *out)
{
    char name[IF_NAMESIZE];
    struct weir_eve_source from = source_of(g, ev->flow.ifindex, name);

    weir_eve_flow_write(out, ev, &from);
}

/* Events are written when they come, and again for who asks later: by numbers of another policy. */
static const char *pattern_of(const struct weir_engine *g, const struct weir_event *ev)
{
    return ev->ts_ns + g->clock_offset_ns < g->applied_ns ? NULL
                                                          : weir_pattern_name(g->settings, ev);
}

void weir_engine_eve_write(struct weir_engine *g, const struct weir_event *ev, struct weir_buf *out)
{
    char name[IF_NAMESIZE];
    struct weir_eve_source from = source_of(g, ev->source, name);

    from.pattern = pattern_of(g, ev);
    from.known = weir_allowed_name(g->settings, ev->src);
    weir_eve_write(out, ev, &from);
}

void weir_engine_text_write(struct weir_engine *g, const struct weir_event *ev,
                            struct weir_buf *out)
{
    char name[IF_NAMESIZE];
    struct weir_eve_source from = source_of(g, ev->source, name);

    from.pattern = pattern_of(g, ev);
    from.known = weir_allowed_name(g->settings, ev->src);
    weir_text_write(out, ev, &from);
}

void weir_engine_mode_write(struct weir_engine *g, enum weir_mode mode)
{
    weir_loader_mode_write(g->loader, mode);
}

static int own_pins(const char *state_dir, char ret[WEIR_PINS_PATH], struct weir_error *e)
{
    int n = snprintf(ret, WEIR_PINS_PATH, "%s/bpf", state_dir);

    if (n < 0 || n >= WEIR_PINS_PATH)
        return weir_error_set(e, ENAMETOOLONG, "%s: longer than %d bytes", state_dir,
                              WEIR_PINS_PATH - 5);
    return 0;
}

int weir_engine_down(const char *state_dir, struct weir_error *e)
{
    const char *preferred = pins_preferred(state_dir);
    char own[WEIR_PINS_PATH];
    int r = own_pins(state_dir, own, e);

    if (r == 0 && preferred)
        r = weir_pins_down(preferred, e);
    if (r == 0)
        r = weir_pins_down(own, e);
    return r == 0 ? weir_cookies_down(state_dir, e) : r;
}

int weir_engine_mode_pinned(const char *state_dir, enum weir_mode mode, struct weir_error *e)
{
    const char *preferred = pins_preferred(state_dir);
    char own[WEIR_PINS_PATH];
    int r = own_pins(state_dir, own, e);

    if (r < 0)
        return r;
    if (preferred && access(preferred, F_OK) == 0)
        return weir_pins_mode_write(preferred, mode, e);
    return weir_pins_mode_write(own, mode, e);
}
