/* SPDX-License-Identifier: Apache-2.0 */

/* Why a source is where it is: each row of the table below tells what one part of weir has about
 * it, and the verdict is what follows for its next packet. */

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "analytics/scans.h"
#include "base/clock.h"
#include "engine/internal.h"
#include "engine/judgement.h"
#include "events/eve_scan.h"
#include "events/names.h"

#define SECOND_NS 1000000000ULL
#define TEXT_MAX 512
#define PREFIXES_MAX 129 /* one of each length can hold an address */

struct explain {
    struct weir_engine *g;
    const struct weir_question *q;
    struct weir_json *j;
    uint64_t now_ns;
    bool enforce;
    struct weir_policy policy;
    bool allowed;
    struct weir_prefix allow;
    struct weir_ban_entry ban[PREFIXES_MAX]; /* that hold the address, longest first */
    size_t bans;
    const struct weir_ban_entry *in_force; /* the one that the packet path obeys */
    const char *dropping;                  /* a detection whose packets are dropped */
};

/* Open a row; the caller adds members and closes it. */
__attribute__((format(printf, 3, 4))) static void row_begin(struct explain *x, const char *topic,
                                                            const char *format, ...)
{
    char text[TEXT_MAX];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    weir_json_object(x->j, NULL);
    weir_json_str(x->j, "topic", topic);
    weir_json_str(x->j, "text", text);
}

static const char *time_text(const struct explain *x, uint64_t monotonic_ns,
                             char text[WEIR_TIME_TEXT])
{
    return weir_time_format(monotonic_ns + x->g->clock_offset_ns, text);
}

static int explain_mode(struct explain *x, const char *topic)
{
    row_begin(x, topic, "%s: %s", weir_mode_name(x->enforce),
              x->enforce ? "what is to be dropped is dropped"
                         : "what would be dropped is only counted");
    weir_json_str(x->j, "mode", weir_mode_name(x->enforce));
    weir_json_object_end(x->j);
    return 0;
}

static int explain_own(struct explain *x, const char *topic)
{
    for (size_t i = 0; i < x->g->owns; i++) {
        if (memcmp(x->g->own[i], x->q->addr, 16))
            continue;
        row_begin(x, topic,
                  "an address of this machine: a packet that comes in with it as its source is "
                  "forged (integrity.own_address)");
        weir_json_object_end(x->j);
        return 0;
    }
    return 0;
}

static int explain_allow(struct explain *x, const char *topic)
{
    const char *name = weir_allowed_name(x->g->settings, x->q->addr);
    char text[WEIR_ADDR_TEXT + 4];

    if (!x->allowed)
        return 0;
    weir_prefix_format(&x->allow, text);
    row_begin(x, topic, "allowed by %s%s%s, which beats bans, deny lists and detections", text,
              name ? ", known: " : "", name ? name : "");
    weir_json_str(x->j, "prefix", text);
    weir_json_object_end(x->j);
    return 0;
}

static bool ban_holds(const struct explain *x, const struct weir_ban_entry *e)
{
    return !x->allowed && (!e->ban.expires_s || e->ban.expires_s * SECOND_NS > x->now_ns);
}

static const char *scope_text(unsigned scope)
{
    static const char *const text[WEIR_SCOPE_MAX] = { "", " (TCP only)",
                                                      " (new connections only)" };

    return text[scope < WEIR_SCOPE_MAX ? scope : WEIR_SCOPE_ALL];
}

static int explain_ban(struct explain *x, const char *topic)
{
    for (size_t i = 0; i < x->bans; i++) {
        const struct weir_ban_entry *e = &x->ban[i];
        char prefix[WEIR_ADDR_TEXT + 4], since[WEIR_TIME_TEXT], left[32] = "until lifted";
        char item[WEIR_LIST_TEXT];
        const char *reason = weir_ban_reason(x->g, e, item);

        weir_prefix_format(&e->prefix, prefix);
        if (e->ban.expires_s)
            (void)snprintf(left, sizeof(left), ban_holds(x, e) ? "%llu s left" : "over",
                           e->ban.expires_s - x->now_ns / SECOND_NS);
        row_begin(x, topic, "%s %s since %s, %s, %llu packets met it%s%s%s",
                  e->ban.kind == WEIR_BAN_DENY ? "denied by" : "banned:", prefix,
                  time_text(x, e->ban.since_s * SECOND_NS, since), left,
                  (unsigned long long)e->ban.packets, *reason ? ": " : "", reason,
                  scope_text(e->ban.scope));
        weir_ban_write(x->g, x->j, e, x->now_ns);
        weir_json_bool(x->j, "in_force", e == x->in_force);
        weir_json_object_end(x->j);
    }
    return 0;
}

static bool incident_asked(const struct weir_question *q, const struct weir_incident_key *key,
                           const struct weir_incident *in)
{
    return !memcmp(key->src, q->addr, 16) && (!q->has_port || in->sport == q->port) &&
           (!q->has_dest || !memcmp(in->dst, q->dest, 16)) &&
           (!q->has_dest_port || in->dport == q->dest_port);
}

static int explain_one_incident(const struct weir_incident_key *key, const struct weir_incident *in,
                                void *arg)
{
    struct explain *x = arg;
    const struct weir_detection_info *d = weir_detection_by_id(key->detection);
    char first[WEIR_TIME_TEXT], last[WEIR_TIME_TEXT], dst[WEIR_ADDR_TEXT];
    bool drops;

    if (!d || !incident_asked(x->q, key, in))
        return 0;
    drops = x->policy.drop[d->row / 64] >> d->row % 64 & 1;
    if (drops)
        x->dropping = d->name;
    row_begin(x, "incident", "%s, %s: %llu packets since %s, the last %s to %s port %u; %s%s%s",
              d->name, weir_severity_name(d->severity), (unsigned long long)in->count,
              time_text(x, in->first_ns, first), time_text(x, in->last_ns, last),
              weir_addr_format(in->dst, dst), in->dport, weir_action_name(in->action),
              drops && !(in->flags & WEIR_EVENT_ENFORCED) ? ", would drop" : "",
              in->flags & WEIR_EVENT_ENFORCED ? ", carried out" : "");
    weir_json_str(x->j, "detection", d->name);
    weir_json_u64(x->j, "count", in->count);
    weir_json_str(x->j, "first", first);
    weir_json_str(x->j, "last", last);
    weir_json_str(x->j, "dest_ip", dst);
    weir_json_u64(x->j, "dest_port", in->dport);
    weir_json_str(x->j, "action", weir_action_name(in->action));
    weir_json_bool(x->j, "enforced", in->flags & WEIR_EVENT_ENFORCED);
    weir_json_object_end(x->j);
    return 0;
}

static int explain_incident(struct explain *x, const char *topic)
{
    (void)topic; /* the walk has room for one argument */
    return weir_incidents_each(x->g->loader, explain_one_incident, x);
}

/* What all its findings together are taken for, and on which evidence. */
static int explain_scan(struct explain *x, const char *topic)
{
    const struct weir_scan_incident *scan = weir_scans_find(x->g->scans, x->q->addr);
    _cleanup_(weir_buf_free) struct weir_buf text = { 0 };

    if (!scan)
        return 0;
    weir_scan_describe(&text, scan);
    weir_buf_addf(&text,
                  ": %u contacts failed, %u opened, score %d, %u answers reset, %u connections "
                  "without a byte, %u probes refused; a ban for it is of %s",
                  scan->failed, scan->opened, (int32_t)scan->score, scan->half_reset, scan->bare,
                  scan->refused, weir_judgement_text(weir_scan_judgement(x->g, x->q->addr, 0)));
    if (text.failed)
        return -ENOMEM;
    row_begin(x, topic, "%.*s", (int)text.len, text.data);
    weir_json_u64(x->j, "incident", scan->id);
    weir_scan_write(x->j, scan);
    weir_json_object_end(x->j);
    return 0;
}

/* In the order that is shown. */
static const struct explainer {
    const char *topic;
    int (*tell)(struct explain *x, const char *topic);
} explainers[] = {
    { "mode", explain_mode }, { "own", explain_own },           { "allow", explain_allow },
    { "ban", explain_ban },   { "incident", explain_incident }, { "scan", explain_scan },
};

static int gather_ban(const struct weir_ban_entry *e, void *arg)
{
    struct explain *x = arg;
    size_t at = x->bans;

    if (!weir_prefix_has(&e->prefix, x->q->addr) || x->bans == PREFIXES_MAX)
        return 0;
    for (; at > 0 && x->ban[at - 1].prefix.bits < e->prefix.bits; at--)
        x->ban[at] = x->ban[at - 1];
    x->ban[at] = *e;
    x->bans++;
    return 0;
}

static int gather(struct explain *x, struct weir_error *e)
{
    int r = weir_allow_find(x->g->loader, x->q->addr, &x->allow);

    x->allowed = r == 0;
    r = weir_bans_each(x->g->loader, gather_ban, x);
    if (r < 0)
        return weir_error_set(e, -r, "bans: %s", strerror(-r));
    for (size_t i = 0; i < x->bans && !x->in_force; i++)
        if (ban_holds(x, &x->ban[i]))
            x->in_force = &x->ban[i];
    return 0;
}

/* What happens to the next packet from there. */
static void verdict_write(const struct explain *x)
{
    const char *by = x->in_force ? x->in_force->ban.kind == WEIR_BAN_DENY ? "deny" : "ban" : NULL;
    char text[TEXT_MAX];

    if (x->allowed)
        (void)snprintf(text, sizeof(text), "passes: the source is allowed");
    else if (by)
        (void)snprintf(text, sizeof(text), "%s: the source is %s%s",
                       x->enforce ? "dropped" : "passes, and would be dropped in enforce mode",
                       x->in_force->ban.kind == WEIR_BAN_DENY ? "denied" : "banned",
                       scope_text(x->in_force->ban.scope));
    else if (x->dropping)
        (void)snprintf(text, sizeof(text),
                       "passes, but for packets that %s finds: those %s dropped", x->dropping,
                       x->enforce ? "are" : "would be");
    else
        (void)snprintf(text, sizeof(text), "passes");
    weir_json_object(x->j, "verdict");
    weir_json_bool(x->j, "drop", by && x->enforce);
    weir_json_bool(x->j, "would_drop", by && !x->enforce);
    if (by)
        weir_json_str(x->j, "by", by);
    weir_json_str(x->j, "text", text);
    weir_json_object_end(x->j);
}

int weir_engine_explain(struct weir_engine *g, const struct weir_question *q, struct weir_json *j,
                        struct weir_error *e)
{
    _cleanup_free_ struct explain *x = calloc(1, sizeof(*x));
    char text[WEIR_ADDR_TEXT];
    int r;

    if (!x)
        return weir_error_set(e, ENOMEM, "no memory");
    *x = (struct explain){ .g = g, .q = q, .j = j, .now_ns = weir_clock_ns(CLOCK_MONOTONIC) };
    x->enforce = weir_loader_mode(g->loader) == WEIR_MODE_ENFORCE;
    weir_loader_policy_read(g->loader, &x->policy);
    r = gather(x, e);
    if (r < 0)
        return r;
    weir_json_str(j, "address", weir_addr_format(q->addr, text));
    weir_json_array(j, "because");
    for (size_t i = 0; r == 0 && i < sizeof(explainers) / sizeof(explainers[0]); i++)
        r = explainers[i].tell(x, explainers[i].topic);
    weir_json_array_end(j);
    if (r < 0)
        return weir_error_set(e, -r, "explain: %s", strerror(-r));
    verdict_write(x);
    return 0;
}
