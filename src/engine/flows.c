/* SPDX-License-Identifier: Apache-2.0 */

/* Connections: which are over, told by sweeping the kernel's tables; and how services do. */

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "analytics/flow_sweep.h"
#include "analytics/isn.h"
#include "engine/internal.h"
#include "events/eve_flow.h"

#define PASS_STEPS 10      /* a pass over a table takes a second, */
#define STEP_SETS_MAX 8192 /* or longer, when it has more than a million places */

struct weir_live {
    struct weir_sweep sweep[WEIR_FLOW_TABLES];
    struct weir_services *services;
    struct weir_isn isn;
    uint64_t given_up[WEIR_END_MAX]; /* told by the kernel */
    uint64_t now_ns;
};

static void predictable_tell(struct weir_engine *g, struct weir_event *ev)
{
    ev->action = (uint8_t)weir_engine_host_action(g, WEIR_ROW_SEQ_PREDICTABLE_ISN);
    if (ev->action >= WEIR_ACTION_ALERT)
        g->event(ev, g->arg);
}

static void flow_tell(struct weir_engine *g, const struct weir_flow_event *ev)
{
    struct weir_event predictable;

    if (weir_isn_take(&g->live->isn, &ev->flow, g->live->now_ns, &predictable))
        predictable_tell(g, &predictable);
    weir_services_ended(g->live->services, &ev->flow, ev->why, g->live->now_ns);
    if (g->flow)
        g->flow(ev, g->arg);
}

static void on_ended(const struct weir_flow *f, enum weir_flow_end why, void *arg)
{
    struct weir_engine *g = arg;
    const struct weir_flow_event ev = { .abi = WEIR_ABI,
                                        .len = sizeof(ev),
                                        .type = WEIR_EVENT_FLOW,
                                        .ts_ns = g->live->now_ns,
                                        .why = why,
                                        .flow = *f };

    flow_tell(g, &ev);
}

static void on_attempt(const struct weir_attempt *a, void *arg)
{
    struct weir_engine *g = arg;

    weir_services_attempt(g->live->services, a, g->live->now_ns);
}

int weir_live_new(struct weir_engine *g, struct weir_error *e)
{
    uint64_t seed;

    g->live = calloc(1, sizeof(*g->live));
    if (!g->live || getrandom(&seed, sizeof(seed), 0) != sizeof(seed) ||
        weir_services_new(WEIR_SERVICES, seed, WEIR_SERVICES_WINDOW_NS, &g->live->services) < 0)
        return weir_error_set(e, ENOMEM, "no memory");
    for (unsigned i = 0; i < WEIR_FLOW_TABLES; i++) {
        const struct weir_flow_table *t = weir_flows_table(g->loader, i);

        weir_sweep_init(&g->live->sweep[i],
                        &(struct weir_sweep_config){ .ways = t->ways,
                                                     .set = t->set,
                                                     .sets = t->sets,
                                                     .half_open = i == WEIR_FLOW_TABLE_HALF,
                                                     .shared = true,
                                                     .ended = on_ended,
                                                     .attempt = on_attempt,
                                                     .arg = g });
    }
    return 0;
}

void weir_live_free(struct weir_engine *g)
{
    if (g->live)
        weir_services_free(g->live->services);
    free(g->live);
    g->live = NULL;
}

struct weir_services *weir_live_services(struct weir_engine *g)
{
    return g->live->services;
}

void weir_engine_sweep(struct weir_engine *g)
{
    g->live->now_ns = weir_clock_ns(CLOCK_MONOTONIC);
    for (unsigned i = 0; i < WEIR_FLOW_TABLES; i++) {
        struct weir_sweep *s = &g->live->sweep[i];
        uint32_t steps = s->c.sets / PASS_STEPS + 1;

        (void)weir_sweep_step(s, steps < STEP_SETS_MAX ? steps : STEP_SETS_MAX, g->live->now_ns);
    }
    weir_services_tick(g->live->services, g->live->now_ns);
}

bool weir_live_record(struct weir_engine *g, const void *record, size_t len)
{
    struct weir_flow_event ev;

    if (len != sizeof(ev))
        return false;
    memcpy(&ev, record, sizeof(ev)); /* the ring is shared with the kernel: check what is used */
    if (!weir_flow_event_valid(&ev, len))
        return false;
    weir_flow_perf(&ev.flow);
    g->live->given_up[ev.why]++;
    flow_tell(g, &ev);
    return true;
}

/* Nothing ends with this process when all is pinned: whoever adopts it goes on. */
int weir_live_finish(struct weir_engine *g)
{
    struct weir_sweep *both[WEIR_FLOW_TABLES] = { &g->live->sweep[0], &g->live->sweep[1] };
    int r = g->pins[0] ? 0 : weir_sweeps_finish(both, WEIR_FLOW_TABLES);

    for (unsigned i = 0; i < WEIR_ISN_HOSTS; i++) {
        struct weir_event ev;

        if (weir_isn_end(&g->live->isn, i, &ev))
            predictable_tell(g, &ev);
    }
    return r;
}

void weir_live_status_write(struct weir_engine *g, struct weir_json *j)
{
    const struct weir_sweep *s = g->live->sweep;

    weir_json_object(j, "flows");
    weir_json_object(j, "ended");
    for (unsigned why = WEIR_END_NONE + 1; why < WEIR_END_MAX; why++)
        weir_json_u64(j, weir_flow_end_name(why),
                      g->live->given_up[why] + s[0].n.ended[why] + s[1].n.ended[why]);
    weir_json_object_end(j);
    weir_json_object(j, "failed");
    for (unsigned i = 0; i < WEIR_ATTEMPT_MAX; i++)
        weir_json_u64(j, weir_attempt_name(i), s[0].n.attempts[i] + s[1].n.attempts[i]);
    weir_json_object_end(j);
    weir_json_object(j, "initial_numbers");
    weir_json_u64(j, "judged", g->live->isn.judged);
    weir_json_u64(j, "crowded", g->live->isn.crowded);
    weir_json_object_end(j);
    weir_json_u64(j, "places", ((uint64_t)s[0].c.sets + s[1].c.sets) * WEIR_WAYS);
    weir_json_u64(j, "freed", s[0].n.freed + s[1].n.freed);
    weir_json_u64(j, "lost", s[0].n.lost + s[1].n.lost); /* ends: see struct weir_sweep_counters */
    weir_json_object_end(j);
}
