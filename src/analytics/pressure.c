/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/pressure.h"

#include <string.h>

#include "dataplane/detect/health_table_pressure.h"

static struct weir_pressure since(const struct weir_pressure *now,
                                  const struct weir_pressure *before)
{
    return (struct weir_pressure){ .evicted = now->evicted - before->evicted,
                                   .untracked = now->untracked - before->untracked,
                                   .events = now->events - before->events };
}

static void event_fill(struct weir_event *ev, const struct weir_suppress *run, uint64_t ts_ns,
                       enum weir_action action)
{
    *ev = (struct weir_event){ .abi = WEIR_ABI,
                               .len = sizeof(*ev),
                               .type = WEIR_EVENT_FINDING,
                               .ts_ns = ts_ns,
                               .first_ns = run->first_ns,
                               .count = run->count,
                               .detection = WEIR_DET_HEALTH_TABLE_PRESSURE,
                               .action = (__u8)action,
                               .flags = WEIR_EVENT_NO_ADDRS | WEIR_EVENT_NO_PORTS };
}

bool weir_pressure_end(struct weir_pressure_watch *w, enum weir_action action,
                       struct weir_event *ret)
{
    bool owed = weir_suppress_owes(&w->run);

    event_fill(ret, &w->run, w->run.last_ns, action);
    ret->flags |= WEIR_EVENT_FINAL;
    w->run = (struct weir_suppress){ 0 };
    return owed;
}

void weir_pressure_start(struct weir_pressure_watch *w, const struct weir_pressure *totals)
{
    *w = (struct weir_pressure_watch){ .seen = *totals };
}

bool weir_pressure_look(struct weir_pressure_watch *w, const struct weir_pressure *totals,
                        uint64_t now_ns, enum weir_action action, struct weir_event *ret)
{
    struct weir_pressure fresh = since(totals, &w->seen);
    struct weir_evidence evidence = { 0 };

    if (w->run.count && weir_suppress_over(&w->run, now_ns) && weir_pressure_end(w, action, ret))
        return true; /* what came meanwhile is of the next look */
    if (!weir_detect_health_table_pressure(&fresh, &evidence))
        return false;
    if (!w->run.count)
        w->begin = w->seen;
    w->seen = *totals;
    if (!weir_suppress_add(&w->run, fresh.evicted + fresh.untracked + fresh.events, now_ns))
        return false;
    event_fill(ret, &w->run, now_ns, action);
    fresh = since(totals, &w->begin);
    (void)weir_detect_health_table_pressure(&fresh, &evidence);
    memcpy(ret->evidence, evidence.v, sizeof(ret->evidence));
    return true;
}
