/* SPDX-License-Identifier: Apache-2.0 */

/* What the engine tells of itself: one line for people, an object for programs. */

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "base/clock.h"
#include "engine/internal.h"
#include "events/names.h"

static const char *const counter_name[WEIR_COUNTER_MAX] = {
#define COUNTER(NAME, kind, name, meaning) name,
#include "abi/counters.def"
#undef COUNTER
};

static const bool counter_is_loss[WEIR_COUNTER_MAX] = {
#define COUNTER(NAME, kind, name, meaning) WEIR_COUNTER_##kind == WEIR_COUNTER_LOSS,
#include "abi/counters.def"
#undef COUNTER
};

static const char *const hook_name[WEIR_HOOK_MAX] = { "xdp", "tc_ingress", "tc_egress" };

static const char *kind_name(uint32_t kind)
{
    static const char *const name[] = { "none", "xdp", "xdp-generic", "tcx", "clsact" };

    return kind < sizeof(name) / sizeof(name[0]) ? name[kind] : "unknown";
}

const char *weir_mode_name(unsigned mode)
{
    static const char *const name[WEIR_MODE_MAX] = { "observe", "enforce" };

    return mode < WEIR_MODE_MAX ? name[mode] : "unknown";
}

int weir_mode_parse(const char *text, enum weir_mode *ret)
{
    for (unsigned mode = 0; mode < WEIR_MODE_MAX; mode++) {
        if (strcmp(text, weir_mode_name(mode)))
            continue;
        *ret = (enum weir_mode)mode;
        return 0;
    }
    return -EINVAL;
}

const char *weir_interface_name(uint32_t ifindex, char *text)
{
    if (!if_indextoname(ifindex, text))
        (void)snprintf(text, IF_NAMESIZE, "#%u", ifindex); /* it went away */
    return text;
}

static const char *mode_now(struct weir_engine *g)
{
    return weir_mode_name(weir_loader_mode(g->loader));
}

/* The kind that hangs at a hook of the same interface, "none" without. */
static const char *attached_at(const struct weir_attachment *all, int n, uint32_t ifindex,
                               bool egress)
{
    for (int i = 0; i < n; i++)
        if (all[i].ifindex == ifindex && (all[i].hook == WEIR_HOOK_TC_EGRESS) == egress)
            return kind_name(all[i].kind);
    return "none";
}

static bool is_first_of_interface(const struct weir_attachment *all, int at)
{
    for (int i = 0; i < at; i++)
        if (all[i].ifindex == all[at].ifindex)
            return false;
    return true;
}

static int attachments(struct weir_engine *g, struct weir_attachment *all, int max)
{
    int n = weir_loader_attachments(g->loader, all, (size_t)max);

    return n < max ? n : max;
}

void weir_engine_describe(struct weir_engine *g, struct weir_buf *out)
{
    struct weir_attachment all[2 * WEIR_INTERFACES_MAX];
    int n = attachments(g, all, 2 * WEIR_INTERFACES_MAX);
    char name[IF_NAMESIZE];

    for (int i = 0; i < n; i++)
        if (is_first_of_interface(all, i))
            weir_buf_addf(out, "%s ingress=%s egress=%s ",
                          weir_interface_name(all[i].ifindex, name),
                          attached_at(all, n, all[i].ifindex, false),
                          attached_at(all, n, all[i].ifindex, true));
    weir_buf_addf(out, "mode=%s pins=%s adopted=%s policy=%s", mode_now(g),
                  g->pins[0] ? g->pins : "none", g->adopted ? "yes" : "no",
                  *weir_engine_policy_name(g) ? weir_engine_policy_name(g) : "default");
}

/* Does another interface count in the same place? See weir_port_place(). */
static bool port_is_shared(const struct weir_attachment *all, int n,
                           const struct weir_attachment *a)
{
    for (int i = 0; i < n; i++)
        if (all[i].ifindex != a->ifindex &&
            weir_port_place(all[i].ifindex, all[i].hook) == weir_port_place(a->ifindex, a->hook))
            return true;
    return false;
}

static int hooks_write(struct weir_engine *g, struct weir_json *j,
                       const struct weir_attachment *all, int n, uint32_t ifindex)
{
    for (int i = 0; i < n; i++) {
        struct weir_port port;
        int r;

        if (all[i].ifindex != ifindex)
            continue;
        r = weir_loader_port(g->loader, ifindex, (enum weir_hook)all[i].hook, &port);
        if (r < 0)
            return r;
        weir_json_object(j, NULL);
        weir_json_str(j, "hook", hook_name[all[i].hook]);
        weir_json_str(j, "kind", kind_name(all[i].kind));
        weir_json_u64(j, "packets", port.packets);
        weir_json_u64(j, "bytes", port.bytes);
        weir_json_u64(j, "drops", port.drops);
        if (port_is_shared(all, n, &all[i]))
            weir_json_bool(j, "shared", true);
        weir_json_object_end(j);
    }
    return 0;
}

static int interfaces_write(struct weir_engine *g, struct weir_json *j)
{
    struct weir_attachment all[2 * WEIR_INTERFACES_MAX];
    int n = attachments(g, all, 2 * WEIR_INTERFACES_MAX), r = 0;
    char name[IF_NAMESIZE];

    weir_json_array(j, "interfaces");
    for (int i = 0; r == 0 && i < n; i++) {
        if (!is_first_of_interface(all, i))
            continue;
        weir_json_object(j, NULL);
        weir_json_str(j, "name", weir_interface_name(all[i].ifindex, name));
        weir_json_u64(j, "ifindex", all[i].ifindex);
        weir_json_str(j, "ingress", attached_at(all, n, all[i].ifindex, false));
        weir_json_str(j, "egress", attached_at(all, n, all[i].ifindex, true));
        weir_json_array(j, "hooks");
        r = hooks_write(g, j, all, n, all[i].ifindex);
        weir_json_array_end(j);
        weir_json_object_end(j);
    }
    weir_json_array_end(j);
    return r;
}

/* abi/counters.h: a packet is in exactly one of these. */
static uint64_t packets_of(const struct weir_counters *c)
{
    uint64_t n =
        c->n[WEIR_COUNTER_DROP_BAN] + c->n[WEIR_COUNTER_DROP_DENY] + c->n[WEIR_COUNTER_LOST_WINDOW];

    for (unsigned i = 0; i < WEIR_OUTCOME_MAX; i++)
        n += c->outcome[i];
    return n;
}

static void counters_add(struct weir_counters *sum, const struct weir_counters *c)
{
    for (unsigned i = 0; i < WEIR_COUNTERS; i++)
        sum->n[i] += c->n[i];
    for (unsigned i = 0; i < WEIR_OUTCOMES; i++)
        sum->outcome[i] += c->outcome[i];
    for (unsigned i = 0; i < WEIR_ROW_MAX; i++) {
        sum->found[i] += c->found[i];
        sum->noted[i] += c->noted[i];
    }
}

static void rows_write(struct weir_json *j, const struct weir_counters *c)
{
    weir_json_object(j, "detections");
    for (unsigned row = 0; row < WEIR_ROW_MAX; row++) {
        if (!c->found[row] && !c->noted[row])
            continue;
        weir_json_object(j, weir_detection_by_row(row)->name);
        weir_json_u64(j, "found", c->found[row]);
        weir_json_u64(j, "noted", c->noted[row]);
        weir_json_object_end(j);
    }
    weir_json_object_end(j);
}

static void sum_write(struct weir_engine *g, struct weir_json *j, const struct weir_counters *c)
{
    weir_json_object(j, "counters");
    for (unsigned i = 0; i < WEIR_COUNTER_MAX; i++)
        if (!counter_is_loss[i])
            weir_json_u64(j, counter_name[i], c->n[i]);
    weir_json_object_end(j);
    weir_json_object(j, "losses");
    for (unsigned i = 0; i < WEIR_COUNTER_MAX; i++)
        if (counter_is_loss[i])
            weir_json_u64(j, counter_name[i], c->n[i]);
    weir_json_u64(j, "bad_records", g->bad_records);
    weir_json_u64(j, "lost_lines", g->lost_lines);
    weir_json_object_end(j);
    weir_json_object(j, "outcomes");
    for (unsigned i = 0; i < WEIR_OUTCOME_MAX; i++)
        if (c->outcome[i])
            weir_json_u64(j, weir_outcome_name(i), c->outcome[i]);
    weir_json_object_end(j);
    rows_write(j, c);
}

void weir_engine_lost_lines(struct weir_engine *g, uint64_t n)
{
    g->lost_lines = n;
}

int weir_engine_status_write(struct weir_engine *g, struct weir_json *j, struct weir_error *e)
{
    struct weir_counters sum = { 0 }, c;
    char time[WEIR_TIME_TEXT];
    int r;

    weir_json_str(j, "mode", mode_now(g));
    weir_json_str(j, "started", weir_time_format(g->started_ns, time));
    weir_json_bool(j, "adopted", g->adopted);
    weir_json_str(j, "pins", g->pins);
    r = interfaces_write(g, j);
    weir_json_object(j, "packets");
    for (unsigned hook = 0; hook < WEIR_HOOK_MAX; hook++) {
        if (r == 0)
            r = weir_loader_counters(g->loader, (enum weir_hook)hook, &c);
        if (r < 0)
            return weir_error_set(e, -r, "counters: %s", strerror(-r));
        weir_json_u64(j, hook_name[hook], packets_of(&c));
        counters_add(&sum, &c);
    }
    weir_json_object_end(j);
    sum_write(g, j, &sum);
    weir_sentences_write(g, j);
    weir_scans_status_write(g, j);
    weir_keeper_status_write(g, j);
    weir_engine_hellos_status_write(g, j);
    weir_live_status_write(g, j);
    weir_cookies_status_write(g, j);
    return 0;
}
