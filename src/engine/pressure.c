/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "engine/internal.h"
#include "policy/compile.h"

static int totals_read(struct weir_engine *g, struct weir_pressure *ret)
{
    *ret = (struct weir_pressure){ 0 };
    for (int hook = 0; hook < WEIR_HOOK_MAX; hook++) {
        struct weir_counters c;
        int r = weir_loader_counters(g->loader, (enum weir_hook)hook, &c);

        if (r < 0)
            return r;
        ret->evicted += c.n[WEIR_COUNTER_FLOW_EVICTED];
        ret->untracked += c.n[WEIR_COUNTER_LOST_FLOW];
        ret->events += c.n[WEIR_COUNTER_LOST_RING_HIGH] + c.n[WEIR_COUNTER_LOST_RING_BULK] +
                       c.n[WEIR_COUNTER_LOST_FLOW_RECORD];
    }
    return 0;
}

int weir_engine_pressure_start(struct weir_engine *g)
{
    struct weir_pressure totals;
    int r = totals_read(g, &totals);

    if (r == 0)
        weir_pressure_start(&g->pressure, &totals);
    return r;
}

enum weir_action weir_engine_host_action(struct weir_engine *g, enum weir_row row)
{
    struct weir_image image;

    weir_settings_compile(g->settings, NULL, &image);
    return image.zone[weir_loader_mode(g->loader)][0].action[row];
}

int weir_engine_pressure_look(struct weir_engine *g, uint64_t now_ns)
{
    struct weir_pressure totals;
    struct weir_event ev;
    enum weir_action action;
    int r = totals_read(g, &totals);

    if (r < 0)
        return r;
    if (!g->pressure.run.count && !memcmp(&totals, &g->pressure.seen, sizeof(totals)))
        return 0;
    action = weir_engine_host_action(g, WEIR_ROW_HEALTH_TABLE_PRESSURE);
    if (weir_pressure_look(&g->pressure, &totals, now_ns, action, &ev) &&
        action >= WEIR_ACTION_ALERT)
        g->event(&ev, g->arg);
    return 0;
}

void weir_engine_pressure_end(struct weir_engine *g)
{
    enum weir_action action = weir_engine_host_action(g, WEIR_ROW_HEALTH_TABLE_PRESSURE);
    struct weir_event ev;

    if (weir_pressure_end(&g->pressure, action, &ev) && action >= WEIR_ACTION_ALERT)
        g->event(&ev, g->arg);
}
