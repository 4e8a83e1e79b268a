/* SPDX-License-Identifier: Apache-2.0 */

/* The connections that a client asks for, read from the tables while packets write them. */

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "analytics/flow_sweep.h"
#include "engine/internal.h"
#include "events/eve_flow.h"

/* Looked at for one request, of each table: a quarter of a million places, so that the event loop
 * stands still for some 0.1 s at most. What lies beyond is told. */
#define LOOK_SETS 16384
#define TRIES 3 /* to read a record without a packet in between */
#define ACTIVE_NS 3000000000ULL

static const char *const sort_name[WEIR_FLOWS_SORTS] = { "bytes",       "rtt", "retransmitted",
                                                         "zero_window", "age", "active" };

struct found {
    uint64_t rank;
    struct weir_flow flow;
};

/* The best so far as a heap, the least at its root. */
struct list {
    const struct weir_flow_query *q;
    uint64_t now_ns;
    struct found *at;
    size_t n;
    uint64_t seen;     /* records that the client asks for */
    uint64_t busy;     /* could not be read between packets */
    uint64_t unlooked; /* places */
};

int weir_flow_sort_parse(const char *text, enum weir_flow_sort *ret)
{
    for (unsigned i = 0; i < WEIR_FLOWS_SORTS; i++) {
        if (strcmp(text, sort_name[i]))
            continue;
        *ret = i;
        return 0;
    }
    return -EINVAL;
}

static uint64_t side_sum(const struct weir_flow *f, uint64_t client, uint64_t server)
{
    return (f->side[WEIR_SIDE_CLIENT].flags & WEIR_SIDE_SEEN ? client : 0) +
           (f->side[WEIR_SIDE_SERVER].flags & WEIR_SIDE_SEEN ? server : 0);
}

static uint64_t age_of(const struct weir_flow *f, uint64_t now_ns)
{
    return now_ns > f->start_ns ? now_ns - f->start_ns : 0;
}

static uint64_t quiet_of(const struct weir_flow *f, uint64_t now_ns)
{
    return (uint64_t)weir_flow_quiet(f, (uint32_t)(now_ns >> WEIR_TICK_SHIFT)) << WEIR_TICK_SHIFT;
}

static uint64_t rank_of(const struct list *l, const struct weir_flow *f)
{
    const struct weir_flow_perf *p = f->perf;
    uint64_t bytes = side_sum(f, f->side[0].bytes, f->side[1].bytes) & ~(1ULL << 63);

    switch (l->q->sort) {
    case WEIR_FLOWS_BY_RTT:
        return side_sum(f, p[0].srtt, p[1].srtt);
    case WEIR_FLOWS_BY_RETRANSMITTED:
        return side_sum(f, p[0].retransmitted, p[1].retransmitted);
    case WEIR_FLOWS_BY_ZERO_WINDOW:
        return side_sum(f, weir_flow_zero_ticks(f, 0), weir_flow_zero_ticks(f, 1));
    case WEIR_FLOWS_BY_AGE:
        return age_of(f, l->now_ns);
    case WEIR_FLOWS_BY_ACTIVE:
        return bytes | (uint64_t)(quiet_of(f, l->now_ns) < ACTIVE_NS) << 63;
    default:
        return bytes;
    }
}

static bool end_is(const struct weir_flow_query *q, const uint8_t addr[16], uint16_t port)
{
    return !memcmp(q->addr, addr, 16) && (!q->has_port || q->port == port);
}

static bool is_asked_for(const struct weir_flow_query *q, const struct weir_flow *f)
{
    if (weir_flow_is_over(f))
        return false;
    return !q->has_addr || end_is(q, f->src, f->sport) || end_is(q, f->dst, f->dport);
}

/* Move a hole at the root down to where `rank` fits. */
static void heap_enter(struct list *l, uint64_t rank, const struct weir_flow *f)
{
    size_t at = 0, child;

    if (l->n < l->q->max) {
        for (at = l->n++; at && l->at[(at - 1) / 2].rank > rank; at = (at - 1) / 2)
            l->at[at] = l->at[(at - 1) / 2];
    } else {
        for (; (child = 2 * at + 1) < l->n; at = child) {
            if (child + 1 < l->n && l->at[child + 1].rank < l->at[child].rank)
                child++;
            if (l->at[child].rank >= rank)
                break;
            l->at[at] = l->at[child];
        }
    }
    l->at[at] = (struct found){ rank, *f };
}

static void flow_note(struct list *l, const struct weir_flow *f)
{
    uint64_t rank;

    if (!is_asked_for(l->q, f))
        return;
    l->seen++;
    rank = rank_of(l, f);
    if (l->n < l->q->max || (l->n && rank > l->at[0].rank))
        heap_enter(l, rank, f);
}

/* Every record of the table, as long as it can be read; for services, too. */
static void table_walk(struct list *l, const struct weir_flow_table *t,
                       void (*fn)(struct list *l, const struct weir_flow *f))
{
    uint32_t sets = t->sets < LOOK_SETS ? t->sets : LOOK_SETS;

    l->unlooked += (uint64_t)(t->sets - sets) * WEIR_WAYS;
    for (uint32_t i = 0; i < sets * WEIR_WAYS; i++) {
        const struct weir_ways *w = &t->ways[i / WEIR_WAYS];
        struct weir_flow f;
        int tries = TRIES;

        if (!__atomic_load_n(&w->tag[i % WEIR_WAYS], __ATOMIC_ACQUIRE))
            continue;
        while (tries && !weir_flow_snapshot(w, &t->set[i / WEIR_WAYS], i % WEIR_WAYS, &f))
            tries--;
        if (tries)
            fn(l, &f);
        else
            l->busy++;
    }
}

static int by_rank(const void *a, const void *b)
{
    const struct found *x = a, *y = b;

    return x->rank < y->rank ? 1 : -(x->rank > y->rank);
}

static void flow_write(struct weir_engine *g, struct weir_json *j, const struct list *l,
                       const struct weir_flow *f)
{
    const struct weir_flow_event ev = { .ts_ns = l->now_ns, .why = WEIR_END_NONE, .flow = *f };
    char name[IF_NAMESIZE];
    const struct weir_eve_source from = { .in_iface = weir_interface_name(f->ifindex, name),
                                          .clock_offset_ns = g->clock_offset_ns };

    weir_json_object(j, NULL);
    weir_flow_write(j, &ev, &from);
    weir_json_u64(j, "age_ms", age_of(f, l->now_ns) / 1000000);
    weir_json_u64(j, "quiet_ms", quiet_of(f, l->now_ns) / 1000000);
    weir_json_object_end(j);
}

int weir_engine_flows_write(struct weir_engine *g, const struct weir_flow_query *q,
                            struct weir_json *j, struct weir_error *e)
{
    _cleanup_free_ struct found *room = calloc(q->max, sizeof(*room));
    struct list l = { .q = q, .now_ns = weir_clock_ns(CLOCK_MONOTONIC), .at = room };

    if (!room)
        return weir_error_set(e, ENOMEM, "no memory");
    table_walk(&l, weir_flows_table(g->loader, WEIR_FLOW_TABLE_OPEN), flow_note);
    if (q->half_open)
        table_walk(&l, weir_flows_table(g->loader, WEIR_FLOW_TABLE_HALF), flow_note);
    qsort(l.at, l.n, sizeof(*l.at), by_rank);
    weir_json_u64(j, "flows_seen", l.seen);
    weir_json_u64(j, "flows_busy", l.busy);
    weir_json_u64(j, "places_unlooked", l.unlooked);
    weir_json_array(j, "flows");
    for (size_t i = 0; i < l.n; i++)
        flow_write(g, j, &l, &l.at[i].flow);
    weir_json_array_end(j);
    return 0;
}

struct running {
    struct list list;
    struct weir_services *services;
};

static void running_note(struct list *l, const struct weir_flow *f)
{
    if (!(f->marks & WEIR_FLOW_REPORTED)) /* else it is among those that ended */
        weir_services_running(((struct running *)l)->services, f, l->now_ns);
}

void weir_engine_services_write(struct weir_engine *g, enum weir_service_sort sort, size_t max,
                                bool text, struct weir_json *j)
{
    struct weir_services *s = weir_live_services(g);
    struct running r = { .list = { .now_ns = weir_clock_ns(CLOCK_MONOTONIC) }, .services = s };
    _cleanup_(weir_buf_free) struct weir_buf table = { 0 };

    weir_services_begin(s);
    table_walk(&r.list, weir_flows_table(g->loader, WEIR_FLOW_TABLE_OPEN), running_note);
    weir_json_u64(j, "services_flows_busy", r.list.busy);
    weir_json_u64(j, "services_places_unlooked", r.list.unlooked);
    if (!text) {
        weir_services_write(s, sort, max, j);
        return;
    }
    weir_services_print(s, sort, max, &table);
    weir_json_strn(j, "text", table.data ? table.data : "", table.len);
}
