/* SPDX-License-Identifier: Apache-2.0 */

/* What `weir top` draws: running totals and the clock they were read at; whoever asks twice has
 * rates. */

#include <errno.h>
#include <string.h>

#include "engine/internal.h"
#include "events/names.h"

#define SHOWN 64 /* of each */
#define ACTIVE_NS 3000000000ULL

struct active {
    struct weir_incident_key key;
    struct weir_incident in;
    bool now; /* had a packet in the last seconds */
};

struct top {
    uint64_t now_ns;
    uint64_t incidents;
    uint64_t bans;
    struct active active[SHOWN]; /* those that go on first, then by packets */
    size_t actives;
    struct weir_ban_entry ban[SHOWN]; /* by packets */
    size_t banned;
};

static bool active_before(const struct active *a, const struct active *b)
{
    return a->now != b->now ? a->now : a->in.count > b->in.count;
}

/* Insert into a list of the SHOWN best. */
static int gather_incident(const struct weir_incident_key *key, const struct weir_incident *in,
                           void *arg)
{
    struct top *t = arg;
    struct active a = { *key, *in, t->now_ns < in->last_ns + ACTIVE_NS };
    size_t at = t->actives;

    t->incidents++;
    if (at == SHOWN && !active_before(&a, &t->active[SHOWN - 1]))
        return 0;
    if (at == SHOWN)
        at--;
    else
        t->actives++;
    for (; at > 0 && active_before(&a, &t->active[at - 1]); at--)
        t->active[at] = t->active[at - 1];
    t->active[at] = a;
    return 0;
}

static int gather_ban(const struct weir_ban_entry *e, void *arg)
{
    struct top *t = arg;
    size_t at = t->banned;

    t->bans++;
    if (at == SHOWN && e->ban.packets <= t->ban[SHOWN - 1].ban.packets)
        return 0;
    if (at == SHOWN)
        at--;
    else
        t->banned++;
    for (; at > 0 && e->ban.packets > t->ban[at - 1].ban.packets; at--)
        t->ban[at] = t->ban[at - 1];
    t->ban[at] = *e;
    return 0;
}

static void active_write(struct weir_json *j, const struct top *t, const struct active *a)
{
    const struct weir_detection_info *d = weir_detection_by_id(a->key.detection);
    char text[WEIR_ADDR_TEXT];

    weir_json_object(j, NULL);
    weir_json_str(j, "source",
                  a->in.flags & WEIR_EVENT_NO_ADDRS ? "" : weir_addr_format(a->key.src, text));
    weir_json_str(j, "detection", d ? d->name : "unknown");
    weir_json_str(j, "severity", d ? weir_severity_name(d->severity) : "unknown");
    weir_json_u64(j, "packets", a->in.count);
    weir_json_u64(j, "age_ms",
                  t->now_ns > a->in.first_ns ? (t->now_ns - a->in.first_ns) / 1000000 : 0);
    if (!(a->in.flags & WEIR_EVENT_NO_ADDRS))
        weir_json_str(j, "dest_ip", weir_addr_format(a->in.dst, text));
    if (!(a->in.flags & (WEIR_EVENT_NO_ADDRS | WEIR_EVENT_NO_PORTS)))
        weir_json_u64(j, "dest_port", a->in.dport);
    weir_json_object_end(j);
}

static void top_write(struct weir_engine *g, struct weir_json *j, const struct top *t)
{
    weir_json_u64(j, "clock_ns", t->now_ns);
    weir_json_u64(j, "incidents_running", t->incidents);
    weir_json_array(j, "incidents");
    for (size_t i = 0; i < t->actives; i++)
        active_write(j, t, &t->active[i]);
    weir_json_array_end(j);
    weir_json_u64(j, "bans_held", t->bans);
    weir_json_array(j, "bans");
    for (size_t i = 0; i < t->banned; i++) {
        weir_json_object(j, NULL);
        weir_ban_write(g, j, &t->ban[i], t->now_ns);
        weir_json_object_end(j);
    }
    weir_json_array_end(j);
}

int weir_engine_top_write(struct weir_engine *g, struct weir_json *j, struct weir_error *e)
{
    _cleanup_free_ struct top *t = calloc(1, sizeof(*t));
    int r = weir_engine_status_write(g, j, e);

    if (r < 0)
        return r;
    if (!t)
        return weir_error_set(e, ENOMEM, "no memory");
    t->now_ns = weir_clock_ns(CLOCK_MONOTONIC);
    r = weir_incidents_each(g->loader, gather_incident, t);
    if (r == 0)
        r = weir_bans_each(g->loader, gather_ban, t);
    if (r < 0)
        return weir_error_set(e, -r, "incidents and bans: %s", strerror(-r));
    top_write(g, j, t);
    weir_engine_services_write(g, WEIR_SERVICES_BY_CONNECTIONS, SHOWN, false, j);
    return weir_engine_flows_write(
        g, &(struct weir_flow_query){ .sort = WEIR_FLOWS_BY_ACTIVE, .max = SHOWN }, j, e);
}
