/* SPDX-License-Identifier: Apache-2.0 */
#include "replay/ends.h"

#include <errno.h>
#include <stdlib.h>

#define TABLES 2
#define STEPS 4              /* a packet and table, while a pass goes on */
#define EVERY WEIR_TICKS(1)  /* a pass begins */
#define PAUSE WEIR_TICKS(30) /* without a packet: a pass at once */

struct weir_ends {
    struct weir_ends_sink sink;
    struct weir_sweep sweep[TABLES]; /* [1]: of half-open ones */
    uint64_t *used[TABLES];          /* see struct weir_sweep_config */
    bool passing[TABLES];
    bool started;
    uint32_t tick;      /* of the newest packet */
    uint32_t pass_tick; /* the newest pass began */
};

static int table_begin(struct weir_ends *e, int i, const struct weir_ends_table *t)
{
    e->used[i] = calloc(t->sets / 64 + 1, sizeof(*e->used[i]));
    if (!e->used[i])
        return -ENOMEM;
    weir_sweep_init(&e->sweep[i], &(struct weir_sweep_config){ .ways = t->ways,
                                                               .set = t->set,
                                                               .sets = t->sets,
                                                               .half_open = i,
                                                               .used = e->used[i],
                                                               .ended = e->sink.ended,
                                                               .attempt = e->sink.attempt,
                                                               .arg = e->sink.arg });
    return 0;
}

int weir_ends_new(const struct weir_ends_table *flows, const struct weir_ends_table *half,
                  const struct weir_ends_sink *sink, struct weir_ends **ret)
{
    struct weir_ends *e = calloc(1, sizeof(*e));

    if (!e)
        return -ENOMEM;
    e->sink = *sink;
    if (table_begin(e, 0, flows) < 0 || table_begin(e, 1, half) < 0) {
        weir_ends_free(e);
        return -ENOMEM;
    }
    *ret = e;
    return 0;
}

void weir_ends_free(struct weir_ends *e)
{
    if (!e)
        return;
    for (int i = 0; i < TABLES; i++)
        free(e->used[i]);
    free(e);
}

void weir_ends_use(struct weir_ends *e, bool proven, uint32_t set)
{
    e->used[!proven][set / 64] |= 1ULL << set % 64;
}

void weir_ends_tell(struct weir_ends *e, struct weir_flow *f, enum weir_flow_end why)
{
    weir_flow_perf(f);
    e->sink.ended(f, why, e->sink.arg);
}

static void pass(struct weir_ends *e, int i, uint64_t now_ns)
{
    e->sweep[i].next = 0;
    (void)weir_sweep_step(&e->sweep[i], UINT32_MAX, now_ns);
    e->passing[i] = false;
}

void weir_ends_sweep(struct weir_ends *e, uint64_t now_ns)
{
    uint32_t tick = (uint32_t)(now_ns >> WEIR_TICK_SHIFT);
    int32_t pause = (int32_t)(tick - e->tick);
    bool begin;

    if (!pause)
        return;
    e->tick = tick;
    begin = !e->started || tick - e->pass_tick >= EVERY; /* also when the clock stepped back */
    if (begin)
        e->pass_tick = tick;
    for (int i = 0; i < TABLES; i++) {
        if (e->started && pause >= (int32_t)PAUSE)
            pass(e, i, now_ns);
        else if (begin)
            e->passing[i] = true;
        if (e->passing[i])
            e->passing[i] = !weir_sweep_step(&e->sweep[i], STEPS, now_ns);
    }
    e->started = true;
}

int weir_ends_finish(struct weir_ends *e, uint64_t now_ns)
{
    struct weir_sweep *both[TABLES] = { &e->sweep[0], &e->sweep[1] };

    for (int i = 0; i < TABLES; i++)
        pass(e, i, now_ns);
    return weir_sweeps_finish(both, TABLES);
}
