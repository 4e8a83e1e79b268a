/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "engine/internal.h"
#include "events/eve.h"
#include "policy/default.h"

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

static int load(struct weir_engine *g, const struct weir_engine_config *c, struct weir_error *e)
{
    struct weir_loader_config lc = { 0 };
    struct weir_policy policy, before;
    struct weir_error why = { 0 };
    int r = weir_pins_prepare(pins_preferred(c->state_dir), c->state_dir, g->pins, &why);

    if (r < 0)
        return weir_error_set(e, -r, "%s", why.text);
    if (!g->pins[0])
        weir_buf_addf(&g->remarks, "not pinned, ends with this process: %s\n", why.text);
    weir_policy_default(&policy, c->mode == WEIR_MODE_KEEP ? WEIR_MODE_OBSERVE : c->mode);
    memcpy(lc.judged, policy.judged, sizeof(lc.judged));
    memcpy(lc.judged_egress, policy.judged, sizeof(lc.judged_egress));
    lc.drop_events = c->log_drops ? WEIR_DROP_EVENTS : 0;
    lc.pins = g->pins[0] ? g->pins : NULL;
    r = weir_loader_new(&lc, &g->loader, e);
    if (r < 0)
        return r;
    g->adopted = weir_loader_adopted(g->loader);
    if (c->mode == WEIR_MODE_KEEP && g->adopted) {
        weir_loader_policy_read(g->loader, &before);
        if (before.mode < WEIR_MODE_MAX)
            weir_policy_default(&policy, (enum weir_mode)before.mode);
    }
    return weir_loader_policy_write(g->loader, &policy, e);
}

static int attach(struct weir_engine *g, const struct weir_engine_config *c, struct weir_error *e)
{
    int r;

    for (size_t i = 0; i < c->n; i++) {
        struct weir_error why = { 0 };

        r = weir_loader_attach(g->loader, c->interfaces[i], c->attach, &why, e);

        if (r < 0)
            return r;
        if (why.text[0])
            weir_buf_addf(&g->remarks, "%s: TC ingress instead of native XDP: %s\n",
                          c->interfaces[i], why.text);
    }
    r = weir_loader_detach_others(g->loader, e);
    return r == 0 ? weir_inbound_refresh(g->loader, e) : r;
}

static int start(struct weir_engine *g, const struct weir_engine_config *c, struct weir_error *e)
{
    int r = weir_notes_load(g, c->state_dir, e);

    if (r == 0)
        r = load(g, c, e);
    if (r == 0)
        r = weir_bans_restore(g, e);
    if (r == 0)
        r = weir_own_refresh(g, e);
    if (r == 0)
        r = weir_events_fd(g->loader);
    if (r >= 0)
        r = attach(g, c, e);
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
    g->arg = config->arg;
    g->started_ns = weir_clock_ns(CLOCK_REALTIME);
    g->clock_offset_ns = g->started_ns - weir_clock_ns(CLOCK_MONOTONIC);
    r = start(g, config, e);
    if (r < 0) {
        if (g->pins[0] && g->loader && !g->adopted)
            (void)weir_pins_down(g->pins, NULL); /* the first error is the one to tell */
        return weir_error_set(e, -r, "%s", strerror(-r));
    }
    *ret = TAKE_PTR(g);
    return 0;
}

void weir_engine_free(struct weir_engine *g)
{
    if (!g)
        return;
    weir_loader_free(g->loader);
    weir_buf_free(&g->remarks);
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

    if (len == sizeof(struct weir_flow_event) &&
        ((const struct weir_flow_event *)record)->type == WEIR_EVENT_FLOW) {
        g->flow_records++;
        return;
    }
    if (len < sizeof(ev)) {
        g->bad_records++;
        return;
    }
    memcpy(&ev, record, sizeof(ev)); /* the ring is shared with the kernel: check what is used */
    if (weir_event_valid(&ev, len))
        g->event(&ev, g->arg);
    else
        g->bad_records++;
}

int weir_engine_read(struct weir_engine *g)
{
    return weir_events_read(g->loader, on_record, g);
}

int weir_engine_tick(struct weir_engine *g, struct weir_error *e)
{
    uint64_t now_ns = weir_clock_ns(CLOCK_MONOTONIC);
    int r = weir_events_sweep(g->loader, now_ns, false, on_record, g);

    g->clock_offset_ns = weir_clock_ns(CLOCK_REALTIME) - now_ns; /* the wall clock may be set */
    if (r >= 0)
        r = weir_bans_expire(g->loader, now_ns);
    if (r < 0)
        return weir_error_set(e, -r, "incidents and bans: %s", strerror(-r));
    r = weir_inbound_refresh(g->loader, e);
    return r == 0 ? weir_own_refresh(g, e) : r;
}

int weir_engine_finish(struct weir_engine *g)
{
    int r = weir_engine_read(g);

    if (r < 0)
        return r;
    return weir_events_sweep(g->loader, weir_clock_ns(CLOCK_MONOTONIC), true, on_record, g);
}

static struct weir_eve_source source_of(struct weir_engine *g, const struct weir_event *ev,
                                        char name[IF_NAMESIZE])
{
    if (!if_indextoname(ev->source, name))
        (void)snprintf(name, IF_NAMESIZE, "#%u", ev->source); /* it went away */
    return (struct weir_eve_source){ .in_iface = name, .clock_offset_ns = g->clock_offset_ns };
}

void weir_engine_eve_write(struct weir_engine *g, const struct weir_event *ev, struct weir_buf *out)
{
    char name[IF_NAMESIZE];
    struct weir_eve_source from = source_of(g, ev, name);

    weir_eve_write(out, ev, &from);
}

void weir_engine_text_write(struct weir_engine *g, const struct weir_event *ev,
                            struct weir_buf *out)
{
    char name[IF_NAMESIZE];
    struct weir_eve_source from = source_of(g, ev, name);

    weir_text_write(out, ev, &from);
}

/* Actions differ between the modes, not only what is done about them. */
void weir_engine_mode_write(struct weir_engine *g, enum weir_mode mode)
{
    struct weir_policy policy;

    weir_policy_default(&policy, mode);
    if (weir_loader_policy_write(g->loader, &policy, NULL) < 0)
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
    return r == 0 ? weir_pins_down(own, e) : r;
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
