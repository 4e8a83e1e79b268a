/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/services.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Spreads of a service: of the window that runs, of the one before, of what runs. */
#define GENERATIONS 3
#define RUNNING 2

_Static_assert(sizeof(struct weir_service) + GENERATIONS * sizeof(struct weir_spreads) + 16 <=
                   WEIR_SERVICE_BYTES,
               "memory of a service");

struct weir_services {
    uint64_t seed;
    uint64_t window_ns;
    uint64_t turned_ns; /* the window began */
    uint32_t max;
    uint32_t n;
    uint32_t remote; /* of n: not ours; at most half of max, so that they never crowd ours out */
    uint32_t mask;
    uint32_t *slot; /* service + 1, by hash; 0: free */
    struct weir_service *service;
    struct weir_service_sum other;
    uint64_t replaced;
    uint64_t full_until[2]; /* nobody's place is free before; by "only those that are not ours" */
};

int weir_services_new(uint32_t max, uint64_t seed, uint64_t window_ns, struct weir_services **ret)
{
    struct weir_services *s = calloc(1, sizeof(*s));
    uint32_t slots = 16;

    if (!s)
        return -ENOMEM;
    while (slots < 2 * max)
        slots *= 2;
    *s = (struct weir_services){ .seed = seed,
                                 .window_ns = window_ns,
                                 .max = max,
                                 .mask = slots - 1,
                                 .slot = calloc(slots, sizeof(*s->slot)),
                                 .service = calloc(max, sizeof(*s->service)) };
    if (!s->slot || !s->service) {
        weir_services_free(s);
        return -ENOMEM;
    }
    *ret = s;
    return 0;
}

void weir_services_free(struct weir_services *s)
{
    if (!s)
        return;
    for (uint32_t i = 0; s->service && i < s->n; i++)
        free(s->service[i].spreads);
    free(s->slot);
    free(s->service);
    free(s);
}

void weir_services_freep(struct weir_services **s)
{
    weir_services_free(*s);
}

static uint32_t hash_of(const struct weir_services *s, const uint8_t addr[16], uint16_t port)
{
    uint64_t word[2], h = s->seed ^ port;

    memcpy(word, addr, sizeof(word));
    for (int i = 0; i < 2; i++) {
        h = (h ^ word[i]) * 0xff51afd7ed558ccdULL; /* MurmurHash3's finalizer */
        h ^= h >> 32;
    }
    return (uint32_t)h & s->mask;
}

static struct weir_service *find(struct weir_services *s, const uint8_t addr[16], uint16_t port)
{
    for (uint32_t at = hash_of(s, addr, port); s->slot[at]; at = (at + 1) & s->mask) {
        struct weir_service *v = &s->service[s->slot[at] - 1];

        if (v->port == port && !memcmp(v->addr, addr, sizeof(v->addr)))
            return v;
    }
    return NULL;
}

static void slot_enter(struct weir_services *s, uint32_t service)
{
    uint32_t at = hash_of(s, s->service[service].addr, s->service[service].port);

    while (s->slot[at])
        at = (at + 1) & s->mask;
    s->slot[at] = service + 1;
}

/* Seldom: all slots anew is simpler than a hole in a chain. */
static void slots_rebuild(struct weir_services *s)
{
    memset(s->slot, 0, ((size_t)s->mask + 1) * sizeof(*s->slot));
    for (uint32_t i = 0; i < s->n; i++)
        slot_enter(s, i);
}

/* The one that was silent longest, for two windows at least, among those that may go. */
static struct weir_service *idle_find(struct weir_services *s, bool remote_only, uint64_t now_ns)
{
    struct weir_service *oldest = NULL;

    if (!s->window_ns || now_ns < s->full_until[remote_only])
        return NULL;
    for (uint32_t i = 0; i < s->n; i++) {
        struct weir_service *v = &s->service[i];

        if (!(remote_only && v->local) && (!oldest || v->last_ns < oldest->last_ns))
            oldest = v;
    }
    if (!oldest)
        return NULL;
    s->full_until[remote_only] = oldest->last_ns + 2 * s->window_ns;
    return now_ns < s->full_until[remote_only] ? NULL : oldest;
}

static void sum_add(struct weir_service_sum *to, const struct weir_service_sum *from)
{
    uint64_t *a = (uint64_t *)to;
    const uint64_t *b = (const uint64_t *)from;

    for (size_t i = 0; i < sizeof(*to) / sizeof(*a); i++)
        a[i] += b[i];
}

static struct weir_service *service_take(struct weir_services *s, bool local, uint64_t now_ns)
{
    bool remote_full = !local && s->remote >= s->max / 2;
    struct weir_service *v;

    if (s->n < s->max && !remote_full) {
        v = &s->service[s->n];
        v->spreads = calloc(GENERATIONS, sizeof(*v->spreads));
        if (!v->spreads)
            return NULL;
        s->n++;
        return v;
    }
    v = idle_find(s, remote_full, now_ns);
    if (!v)
        return NULL;
    s->replaced++;
    s->remote -= !v->local;
    sum_add(&s->other, &v->ended);
    memset(v->spreads, 0, GENERATIONS * sizeof(*v->spreads));
    *v = (struct weir_service){ .spreads = v->spreads };
    return v;
}

static struct weir_service *service_of(struct weir_services *s, const struct weir_flow *f,
                                       uint64_t now_ns)
{
    bool local = f->marks & WEIR_FLOW_LOCAL_SERVER;
    uint64_t replaced = s->replaced;
    struct weir_service *v = find(s, f->dst, f->dport);

    if (!v) {
        v = service_take(s, local, now_ns);
        if (!v)
            return NULL;
        memcpy(v->addr, f->dst, sizeof(v->addr));
        v->port = f->dport;
        v->local = local;
        s->remote += !local;
        if (s->replaced != replaced)
            slots_rebuild(s);
        else
            slot_enter(s, (uint32_t)(v - s->service));
    }
    v->last_ns = now_ns;
    return v;
}

static void side_add(struct weir_service_side *to, const struct weir_flow *f, enum weir_side side)
{
    const struct weir_flow_side *s = &f->side[side];
    const struct weir_flow_perf *p = &f->perf[side];

    to->bytes += s->bytes;
    to->packets += s->packets;
    to->retransmitted += p->retransmitted;
    to->reordered += p->reordered;
    to->duplicate_acks += p->duplicate_acks;
    to->zero_windows += p->zero_windows;
    to->zero_ms += ((uint64_t)weir_flow_zero_ticks(f, side) << WEIR_TICK_SHIFT) / 1000000;
    to->resets += !!(s->flags & WEIR_SIDE_RST);
}

static void flow_add(struct weir_service_sum *sum, struct weir_spreads *spreads,
                     const struct weir_flow *f)
{
    sum->connections++;
    sum->midstream += f->origin == WEIR_ORIGIN_MIDSTREAM;
    for (unsigned i = 0; i < WEIR_SIDES; i++)
        if (f->side[i].flags & WEIR_SIDE_SEEN)
            side_add(&sum->side[i], f, i);
    if (!spreads)
        return;
    if (f->synack_fine)
        weir_histogram_add(&spreads->of[WEIR_SPREAD_SYNACK], f->synack_fine);
    if (f->ack_fine)
        weir_histogram_add(&spreads->of[WEIR_SPREAD_ACK], f->ack_fine);
    for (unsigned i = 0; i < WEIR_SIDES; i++)
        if (f->perf[i].rtt_samples)
            weir_histogram_add(&spreads->of[WEIR_SPREAD_RTT_CLIENT + i], f->perf[i].srtt);
}

void weir_services_ended(struct weir_services *s, const struct weir_flow *f, enum weir_flow_end why,
                         uint64_t now_ns)
{
    struct weir_service *v;

    if (!weir_flow_was_open(f))
        return;
    v = service_of(s, f, now_ns);
    flow_add(v ? &v->ended : &s->other, v ? v->spreads : NULL, f);
    if (why == WEIR_END_TIMEOUT)
        (v ? &v->ended : &s->other)->timeouts++;
}

void weir_services_attempt(struct weir_services *s, const struct weir_attempt *a, uint64_t now_ns)
{
    struct weir_service *v = find(s, a->dst, a->dport);

    if (a->failure >= WEIR_ATTEMPT_MAX)
        return;
    if (v)
        v->last_ns = now_ns;
    (v ? &v->ended : &s->other)->failed[a->failure]++;
}

void weir_services_tick(struct weir_services *s, uint64_t now_ns)
{
    if (!s->turned_ns || now_ns < s->turned_ns)
        s->turned_ns = now_ns;
    if (!s->window_ns || now_ns - s->turned_ns < s->window_ns)
        return;
    s->turned_ns = now_ns;
    for (uint32_t i = 0; i < s->n; i++) {
        s->service[i].spreads[1] = s->service[i].spreads[0];
        memset(&s->service[i].spreads[0], 0, sizeof(s->service[i].spreads[0]));
    }
}

void weir_services_begin(struct weir_services *s)
{
    for (uint32_t i = 0; i < s->n; i++) {
        memset(&s->service[i].running, 0, sizeof(s->service[i].running));
        memset(&s->service[i].spreads[RUNNING], 0, sizeof(s->service[i].spreads[RUNNING]));
    }
}

void weir_services_running(struct weir_services *s, const struct weir_flow *f, uint64_t now_ns)
{
    struct weir_service *v;

    if (!weir_flow_was_open(f))
        return;
    v = service_of(s, f, now_ns);
    if (!v)
        return;
    flow_add(&v->running, &v->spreads[RUNNING], f);
    v->running.running += !weir_flow_is_over(f);
}

struct weir_service_sum weir_service_total(const struct weir_service *v)
{
    struct weir_service_sum sum = v->ended;

    sum_add(&sum, &v->running);
    return sum;
}

void weir_service_spread(const struct weir_service *v, enum weir_spread which,
                         struct weir_histogram *ret)
{
    *ret = v->spreads[0].of[which];
    for (unsigned i = 1; i < GENERATIONS; i++)
        weir_histogram_merge(ret, &v->spreads[i].of[which]);
}

uint64_t weir_service_failures(const struct weir_service *v)
{
    uint64_t n = 0;

    for (unsigned i = 0; i < WEIR_ATTEMPT_MAX; i++)
        n += v->ended.failed[i];
    return n;
}

uint32_t weir_services_count(const struct weir_services *s)
{
    return s->n;
}

const struct weir_service *weir_services_at(const struct weir_services *s, uint32_t i)
{
    return &s->service[i];
}

const struct weir_service_sum *weir_services_other(const struct weir_services *s)
{
    return &s->other;
}
