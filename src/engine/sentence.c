/* SPDX-License-Identifier: Apache-2.0 */

/* Bans that detections ask for: action ban, in a zone that enforces. The kernel dropped the packet
 * and told; the ban is entered here, where it is known who must not be banned. */

#include <errno.h>
#include <string.h>

#include "engine/internal.h"
#include "events/names.h"

/* Autobans leave so many places of the file to bans by hand. */
#define NOTES_BY_HAND (WEIR_BANS_NOTED / 4)

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

static struct weir_sentence sentence_of(const struct weir_engine *g, const struct weir_event *ev)
{
    const struct weir_detection_info *info = weir_detection_by_id(ev->detection);
    const struct weir_zone_setting *z = zone_of(g, ev);
    const struct weir_settings *s = g->settings;
    unsigned row = info ? info->row : WEIR_ROW_MAX;
    uint64_t for_s = z ? for_of(z->detections.v, z->detections.n, row) : WEIR_UNSET;

    if (for_s == WEIR_UNSET)
        for_s = for_of(s->detections.v, s->detections.n, row);
    return (struct weir_sentence){ .for_s = for_s == WEIR_UNSET ? s->bans.for_s : for_s,
                                   .escalate = s->bans.escalate,
                                   .max_per_minute = s->bans.max_per_minute };
}

/* For the next boot; without room there it holds until then. */
static void note(struct weir_engine *g, const struct weir_prefix *p, uint64_t seconds,
                 const char *reason)
{
    uint64_t now_s = weir_clock_ns(CLOCK_REALTIME) / 1000000000;
    struct weir_note n = { .prefix = *p, .expires_s = now_s + seconds };

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

static void ban(struct weir_engine *g, const struct weir_event *ev, const struct weir_prefix *p,
                uint64_t seconds)
{
    uint64_t now_s = weir_clock_ns(CLOCK_MONOTONIC) / 1000000000;
    const struct weir_detection_info *info = weir_detection_by_id(ev->detection);
    struct weir_ban_entry entry = { .prefix = *p,
                                    .ban = { .since_s = (uint32_t)now_s,
                                             .expires_s = (uint32_t)(now_s + seconds),
                                             .kind = WEIR_BAN_BAN,
                                             .reason = ev->detection } };
    size_t allowed = 0;

    if (weir_bans_set(g->loader, &entry, 1, &allowed, NULL) == 0 && !allowed) {
        g->sentences.made++;
        note(g, p, seconds, info ? info->name : "");
        return;
    }
    weir_offenders_undo(&g->offenders, p->addr);
    if (allowed)
        g->sentences.spared++;
    else
        g->sentences.failed++;
}

void weir_sentence_event(struct weir_engine *g, const struct weir_event *ev)
{
    uint64_t now_s = weir_clock_ns(CLOCK_MONOTONIC) / 1000000000, seconds;
    struct weir_prefix p = { .bits = 128 };
    struct weir_sentence s;

    if (ev->type != WEIR_EVENT_FINDING || ev->action != WEIR_ACTION_BAN ||
        !(ev->flags & WEIR_EVENT_ENFORCED) || ev->flags & (WEIR_EVENT_FINAL | WEIR_EVENT_NO_ADDRS))
        return;
    memcpy(p.addr, ev->src, 16);
    if (weir_engine_never(g, &p, NULL)) {
        g->sentences.spared++;
        return;
    }
    s = sentence_of(g, ev);
    switch (weir_offenders_ask(&g->offenders, p.addr, &s, now_s, &seconds)) {
    case WEIR_SENTENCE_BAN:
        ban(g, ev, &p, seconds);
        return;
    case WEIR_SENTENCE_TOO_MANY:
        g->sentences.over_limit++;
        return;
    case WEIR_SENTENCE_BANNED:
        return;
    }
}

void weir_sentences_write(const struct weir_engine *g, struct weir_json *j)
{
    weir_json_object(j, "bans_by_detections");
    weir_json_u64(j, "made", g->sentences.made);
    weir_json_u64(j, "spared", g->sentences.spared);
    weir_json_u64(j, "over_limit", g->sentences.over_limit);
    weir_json_u64(j, "failed", g->sentences.failed);
    weir_json_u64(j, "not_kept", g->sentences.not_kept);
    weir_json_object_end(j);
}
