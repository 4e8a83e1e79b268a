/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/offenders.h"

#include <string.h>

static struct weir_offender *set_of(struct weir_offenders *o, const uint8_t addr[16])
{
    uint32_t hash = 2166136261U; /* FNV-1a */

    for (int i = 0; i < 16; i++)
        hash = (hash ^ addr[i]) * 16777619U;
    return o->v[(hash ^ hash >> 16) % WEIR_OFFENDER_SETS];
}

static struct weir_offender *find(struct weir_offenders *o, const uint8_t addr[16])
{
    struct weir_offender *set = set_of(o, addr);

    for (int i = 0; i < WEIR_OFFENDER_WAYS; i++)
        if (set[i].until_s && !memcmp(set[i].addr, addr, 16))
            return &set[i];
    return NULL;
}

/* A place for a source that has none: a free one, else that of the ban that ends first. */
static struct weir_offender *take(struct weir_offenders *o, const uint8_t addr[16])
{
    struct weir_offender *set = set_of(o, addr), *at = &set[0];

    for (int i = 1; i < WEIR_OFFENDER_WAYS; i++)
        if (set[i].until_s < at->until_s)
            at = &set[i];
    *at = (struct weir_offender){ 0 };
    memcpy(at->addr, addr, 16);
    return at;
}

static uint64_t seconds_of(const struct weir_sentence *s, uint32_t times)
{
    uint64_t seconds = s->for_s, most = s->most_s ? s->most_s : WEIR_SENTENCE_MAX_S;

    for (; s->escalate > 100 && times && seconds < most; times--)
        seconds = seconds * s->escalate / 100;
    return seconds < most ? seconds : most;
}

static bool minute_has_room(struct weir_offenders *o, uint64_t now_s, uint64_t max)
{
    if (o->minute != now_s / 60) {
        o->minute = now_s / 60;
        o->in_minute = 0;
    }
    return o->in_minute < max;
}

enum weir_sentence_answer weir_offenders_ask(struct weir_offenders *o, const uint8_t addr[16],
                                             const struct weir_sentence *s, uint64_t now_s,
                                             uint64_t *ret_seconds)
{
    struct weir_offender *at = find(o, addr);

    if (at && at->until_s > now_s)
        return WEIR_SENTENCE_BANNED;
    if (!minute_has_room(o, now_s, s->max_per_minute))
        return WEIR_SENTENCE_TOO_MANY;
    if (!at)
        at = take(o, addr);
    *ret_seconds = seconds_of(s, at->times);
    at->until_s = now_s + *ret_seconds;
    if (at->times < UINT32_MAX)
        at->times++;
    o->in_minute++;
    return WEIR_SENTENCE_BAN;
}

void weir_offenders_undo(struct weir_offenders *o, const uint8_t addr[16])
{
    struct weir_offender *at = find(o, addr);

    if (!at)
        return;
    at->until_s = 1; /* over, and remembered */
    if (at->times)
        at->times--;
}
