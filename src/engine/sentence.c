/* SPDX-License-Identifier: Apache-2.0 */

/* Bans that detections ask for: action ban, in a zone that enforces. The kernel dropped the packet
 * and told; the ban is entered here, where it is known who must not be banned. */

#include <errno.h>
#include <string.h>

#include "engine/internal.h"
#include "engine/judgement.h"
#include "events/names.h"

/* Autobans leave so many places of the file to bans by hand. */
#define NOTES_BY_HAND (WEIR_BANS_NOTED / 4)
#define REMARK_NS (60 * 1000000000ULL)

/* The zone that the event's packet was in, NULL for none: the narrowest, as the kernel finds it. */
static const struct weir_zone_setting *zone_of(const struct weir_engine *g,
                                               const struct weir_event *ev)
{
    const struct weir_zone_setting *best = NULL;
    int best_score = 0;

    for (size_t i = 0; i < g->settings->zones.n; i++) {
        const struct weir_zone_setting *z = &g->settings->zones.v[i];
        bool vlan = z->vlan != WEIR_UNSET;
        int score = (vlan ? 2 : 0) + (z->interface ? 1 : 0);

        if ((vlan && (!ev->vlans || ev->vlan[0] != z->vlan)) ||
            (z->interface && (!g->zone_ifindex[i] || g->zone_ifindex[i] != ev->source)) ||
            score <= best_score)
            continue;
        best = z;
        best_score = score;
    }
    return best;
}

static uint64_t for_of(const struct weir_detection_setting *d, size_t n, unsigned row)
{
    for (size_t i = 0; i < n; i++)
        if (d[i].row == row)
            return d[i].for_s;
    return WEIR_UNSET;
}

/* Who scans again is banned for twice as long, up to a day. */
#define SCAN_ESCALATE 200
#define SCAN_MOST_S 86400ULL

static void sentence_of_scan(struct weir_sentence *s)
{
    if (s->escalate < SCAN_ESCALATE)
        s->escalate = SCAN_ESCALATE;
    s->most_s = s->for_s > SCAN_MOST_S ? s->for_s : SCAN_MOST_S;
}

static struct weir_sentence sentence_of(const struct weir_engine *g, const struct weir_event *ev,
                                        uint16_t detection)
{
    const struct weir_detection_info *info = weir_detection_by_id(detection);
    const struct weir_zone_setting *z = zone_of(g, ev);
    const struct weir_settings *s = g->settings;
    unsigned row = info ? info->row : WEIR_ROW_MAX;
    struct weir_sentence ret;
    uint64_t for_s = z ? for_of(z->detections.v, z->detections.n, row) : WEIR_UNSET;

    if (for_s == WEIR_UNSET)
        for_s = for_of(s->detections.v, s->detections.n, row);
    ret = (struct weir_sentence){ .for_s = for_s == WEIR_UNSET ? s->bans.for_s : for_s,
                                  .escalate = s->bans.escalate,
                                  .max_per_minute = s->bans.max_per_minute };
    if (weir_scan_is_row(detection))
        sentence_of_scan(&ret);
    return ret;
}

static uint64_t action_set(const struct weir_detection_setting *d, size_t n, unsigned row)
{
    for (size_t i = 0; i < n; i++)
        if (d[i].row == row)
            return d[i].action;
    return WEIR_UNSET;
}

/* The row of the packet that asks for a ban; 0: none does. Not only the most specific one, which is
 * the finding: a connect scan is told of with an alert, and bans as what it also is. */
static uint16_t asking(const struct weir_engine *g, const struct weir_event *ev)
{
    const struct weir_zone_setting *z = zone_of(g, ev);
    struct weir_policy policy;

    if (ev->action == WEIR_ACTION_BAN)
        return ev->detection;
    if (!(ev->also[0] | ev->also[1]))
        return 0;
    weir_loader_policy_read(g->loader, &policy);
    for (unsigned row = 0; row < WEIR_ROW_MAX; row++) {
        uint64_t action;

        if (!(ev->also[row / 64] >> row % 64 & 1))
            continue;
        action = z ? action_set(z->detections.v, z->detections.n, row) : WEIR_UNSET;
        if ((action == WEIR_UNSET ? policy.action[row] : action) == WEIR_ACTION_BAN)
            return (uint16_t)weir_detection_by_row(row)->id;
    }
    return 0;
}

/* For the next boot; without room there it holds until then. */
static void note(struct weir_engine *g, const struct weir_prefix *p, uint64_t seconds,
                 enum weir_ban_scope scope, const char *reason)
{
    uint64_t now_s = weir_clock_ns(CLOCK_REALTIME) / 1000000000;
    struct weir_note n = { .prefix = *p, .expires_s = now_s + seconds, .scope = scope };

    if (!weir_notes_find(g, p) && g->notes >= WEIR_BANS_NOTED - NOTES_BY_HAND)
        weir_notes_prune(g, now_s);
    if (!weir_notes_find(g, p) && g->notes >= WEIR_BANS_NOTED - NOTES_BY_HAND) {
        g->sentences.not_kept++;
        return;
    }
    (void)snprintf(n.reason, sizeof(n.reason), "%s", reason);
    (void)weir_notes_put(g, &n, NULL); /* there is room */
    g->notes_dirty = true;
}

static void ban(struct weir_engine *g, uint16_t detection, const struct weir_prefix *p,
                uint64_t seconds, enum weir_ban_scope scope)
{
    uint64_t now_s = weir_clock_ns(CLOCK_MONOTONIC) / 1000000000;
    const struct weir_detection_info *info = weir_detection_by_id(detection);
    struct weir_ban_entry entry = { .prefix = *p,
                                    .ban = { .since_s = (uint32_t)now_s,
                                             .expires_s = (uint32_t)(now_s + seconds),
                                             .kind = WEIR_BAN_BAN,
                                             .scope = (uint8_t)scope,
                                             .reason = detection } };
    size_t allowed = 0;

    if (weir_bans_set(g->loader, &entry, 1, &allowed, NULL) == 0 && !allowed) {
        g->sentences.made++;
        note(g, p, seconds, scope, info ? info->name : "");
        return;
    }
    weir_offenders_undo(&g->offenders, p->addr);
    if (allowed)
        g->sentences.spared++;
    else
        g->sentences.failed++;
}

/* Ban the event's source for this, if it may be. */
static void judge(struct weir_engine *g, const struct weir_event *ev, uint16_t detection)
{
    uint64_t now_s = weir_clock_ns(CLOCK_MONOTONIC) / 1000000000, seconds;
    enum weir_judgement judged = WEIR_JUDGED_ALL;
    struct weir_prefix p = { .bits = 128 };
    struct weir_sentence s;

    memcpy(p.addr, ev->src, 16);
    if (weir_engine_never(g, &p, NULL)) {
        g->sentences.spared++;
        return;
    }
    if (weir_scan_is_row(detection))
        judged = weir_scan_judgement(g, p.addr, detection);
    if (judged > WEIR_JUDGED_NEW) {
        g->sentences.doubted++;
        return;
    }
    s = sentence_of(g, ev, detection);
    switch (weir_offenders_ask(&g->offenders, p.addr, &s, now_s, &seconds)) {
    case WEIR_SENTENCE_BAN:
        ban(g, detection, &p, seconds, judged == WEIR_JUDGED_NEW ? WEIR_SCOPE_NEW : WEIR_SCOPE_ALL);
        return;
    case WEIR_SENTENCE_TOO_MANY:
        g->sentences.over_limit++;
        return;
    case WEIR_SENTENCE_BANNED:
        return;
    }
}

void weir_sentence_event(struct weir_engine *g, const struct weir_event *ev)
{
    uint16_t detection;

    if (ev->type != WEIR_EVENT_FINDING || !(ev->flags & WEIR_EVENT_ENFORCED) ||
        ev->flags & (WEIR_EVENT_FINAL | WEIR_EVENT_NO_ADDRS))
        return;
    detection = asking(g, ev);
    if (detection)
        judge(g, ev, detection);
}

enum weir_action weir_sentence_action(const struct weir_engine *g, const struct weir_event *ev)
{
    unsigned row = weir_detection_by_id(ev->detection)->row;
    const struct weir_zone_setting *z = zone_of(g, ev);
    uint64_t action = z ? action_set(z->detections.v, z->detections.n, row) : WEIR_UNSET;
    struct weir_policy policy;

    if (action != WEIR_UNSET)
        return (enum weir_action)action;
    weir_loader_policy_read(g->loader, &policy);
    return (enum weir_action)policy.action[row];
}

/* What leaves is reported alone: its source is this machine, or was judged where it came in. */
void weir_sentence_client(struct weir_engine *g, const struct weir_event *ev)
{
    const struct weir_zone_setting *z = zone_of(g, ev);

    if (ev->action == WEIR_ACTION_BAN && !(ev->flags & WEIR_EVENT_EGRESS) &&
        weir_loader_mode(g->loader) == WEIR_MODE_ENFORCE && !(z && z->mode == WEIR_MODE_OBSERVE))
        judge(g, ev, ev->detection);
}

/* The same ban, of every packet. */
static void widen(struct weir_engine *g, const struct weir_note *n)
{
    const struct weir_detection_info *info = weir_detection_by_name(n->reason);
    uint64_t mono_s = weir_clock_ns(CLOCK_MONOTONIC) / 1000000000;
    uint64_t now_s = weir_clock_ns(CLOCK_REALTIME) / 1000000000;
    struct weir_ban_entry entry = { .prefix = n->prefix,
                                    .ban = { .since_s = (uint32_t)mono_s,
                                             .kind = WEIR_BAN_BAN,
                                             .scope = WEIR_SCOPE_ALL,
                                             .reason = (uint16_t)(info ? info->id : 0) } };
    struct weir_note wide = *n;
    size_t allowed = 0;

    if (n->expires_s <= now_s)
        return;
    entry.ban.expires_s = (uint32_t)(mono_s + n->expires_s - now_s);
    if (weir_bans_set(g->loader, &entry, 1, &allowed, NULL) < 0 || allowed)
        return;
    wide.scope = WEIR_SCOPE_ALL;
    (void)weir_notes_put(g, &wide, NULL); /* in its own place */
    g->notes_dirty = true;
}

void weir_sentences_review(struct weir_engine *g, const struct weir_scan_incident *scan)
{
    for (int i = 0; i < scan->sources; i++) {
        struct weir_prefix p = { .bits = 128 };
        const struct weir_note *at;
        enum weir_judgement judged;

        memcpy(p.addr, scan->source[i], 16);
        at = weir_notes_find(g, &p);
        if (!at || at->scope != WEIR_SCOPE_NEW)
            continue;
        judged = weir_scan_judgement(g, p.addr, 0);
        if (judged == WEIR_JUDGED_ALL)
            widen(g, at);
        else if (judged == WEIR_JUDGED_DECOY && weir_engine_unban(g, &p, NULL) == 0)
            g->sentences.lifted++;
    }
}

void weir_sentences_write(const struct weir_engine *g, struct weir_json *j)
{
    weir_json_object(j, "bans_by_detections");
    weir_json_u64(j, "made", g->sentences.made);
    weir_json_u64(j, "spared", g->sentences.spared);
    weir_json_u64(j, "doubted", g->sentences.doubted);
    weir_json_u64(j, "lifted", g->sentences.lifted);
    weir_json_u64(j, "over_limit", g->sentences.over_limit);
    weir_json_u64(j, "failed", g->sentences.failed);
    weir_json_u64(j, "not_kept", g->sentences.not_kept);
    weir_json_object_end(j);
}

/* Mass bans are what an attacker who forges wants: what the limit holds back is said. */
bool weir_engine_remark(struct weir_engine *g, struct weir_buf *out)
{
    uint64_t now_ns = weir_clock_ns(CLOCK_MONOTONIC);
    uint64_t more = g->sentences.over_limit - g->sentences.over_limit_told;

    if (!more || now_ns - g->sentences.told_ns < REMARK_NS)
        return false;
    g->sentences.over_limit_told = g->sentences.over_limit;
    g->sentences.told_ns = now_ns;
    weir_buf_addf(
        out,
        "bans.max_per_minute: %llu bans that detections asked for were not made, over the "
        "limit of %llu a minute; their packets are dropped one by one\n",
        (unsigned long long)more, (unsigned long long)g->settings->bans.max_per_minute);
    return true;
}
