/* SPDX-License-Identifier: Apache-2.0 */
#include "replay/dests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#define RECORDS_MAX 65536U
#define SECOND_NS 1000000000ULL

struct weir_dests {
    struct weir_hash_key key;
    struct weir_dest_set *set;
    struct weir_dest_cpu *cpu; /* one: this is a single thread */
    uint32_t mask;
    uint64_t settled_ns; /* see struct weir_control */
    uint64_t swept_ns;
    bool busy; /* a sweep would find something */
    weir_dests_sink sink;
    void *ctx;
    struct weir_dests_counters n;
};

static void *pages(size_t bytes)
{
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return at == MAP_FAILED ? NULL : at;
}

static size_t sets_bytes(const struct weir_dests *v)
{
    return ((size_t)v->mask + 1) * sizeof(*v->set);
}

static size_t cpu_bytes(const struct weir_dests *v)
{
    return ((size_t)v->mask + 1) * WEIR_WAYS * sizeof(*v->cpu);
}

int weir_dests_new(size_t memory_bytes, weir_dests_sink sink, void *ctx, struct weir_dests **ret)
{
    const size_t set_bytes =
        sizeof(struct weir_dest_set) + WEIR_WAYS * sizeof(struct weir_dest_cpu);
    struct weir_dests *v = calloc(1, sizeof(*v));
    uint32_t sets = 1;

    if (!v || memory_bytes < set_bytes) {
        free(v);
        return -ENOMEM;
    }
    while (sets < RECORDS_MAX / WEIR_WAYS && sets * 2 * set_bytes <= memory_bytes)
        sets *= 2;
    v->mask = sets - 1;
    v->sink = sink;
    v->ctx = ctx;
    v->set = pages(sets_bytes(v));
    v->cpu = pages(cpu_bytes(v));
    if (!v->set || !v->cpu || getrandom(&v->key, sizeof(v->key), 0) != sizeof(v->key)) {
        weir_dests_free(v);
        return -ENOMEM;
    }
    *ret = v;
    return 0;
}

void weir_dests_free(struct weir_dests *v)
{
    if (!v)
        return;
    if (v->set)
        (void)munmap(v->set, sets_bytes(v));
    if (v->cpu)
        (void)munmap(v->cpu, cpu_bytes(v));
    free(v);
}

static struct weir_dest *record(struct weir_dests *v, uint32_t index)
{
    return &v->set[index / WEIR_WAYS].service[index % WEIR_WAYS];
}

static uint32_t seek(const struct weir_dests *v, const struct weir_dest_key *k)
{
    uint64_t hash = weir_dest_hash(&v->key, k);
    uint32_t at = weir_set_index(hash, v->mask);
    int way = weir_dest_find(&v->set[at], k, weir_set_tag(hash));

    return way < WEIR_WAYS ? at * WEIR_WAYS + (uint32_t)way : WEIR_DEST_NONE;
}

static uint32_t make(struct weir_dests *v, const struct weir_dest_key *k, enum weir_class c,
                     uint32_t tick)
{
    uint64_t hash = weir_dest_hash(&v->key, k);
    uint32_t at = weir_set_index(hash, v->mask);
    int way = weir_dest_admit(&v->set[at], k, weir_set_tag(hash), c, tick);

    if (way == WEIR_WAYS) {
        v->n.lost++;
        return WEIR_DEST_NONE;
    }
    v->n.evicted += way >= 2 * WEIR_WAYS;
    v->n.records += way < WEIR_WAYS;
    at = at * WEIR_WAYS + (uint32_t)way % WEIR_WAYS;
    memcpy(record(v, at)->base, &v->cpu[at], sizeof(v->cpu[at]));
    return at;
}

static void find(struct weir_dests *v, struct weir_flood *f, const struct weir_track *t,
                 bool ours_src, bool ours_dst)
{
    for (int i = 0; i < 2; i++) {
        enum weir_flood_next next;
        bool of_sender = f->seen == WEIR_SEEN_SYNACK || f->seen == WEIR_SEEN_REFUSED ||
                         f->seen == WEIR_SEEN_ADOPTED;

        f->index = seek(v, &f->key);
        if (f->index != WEIR_DEST_NONE)
            return;
        next = weir_flood_missing(f, t, of_sender ? ours_src : ours_dst, ours_dst);
        if (next == WEIR_FLOOD_IGNORE)
            return;
        if (next == WEIR_FLOOD_ADMIT) {
            f->index = make(v, &f->key, WEIR_CLASS_PROVEN, t->tick);
            return;
        }
    }
}

static bool turn(struct weir_dests *v, uint32_t index, uint32_t tick, uint64_t now_ns)
{
    struct weir_dest_set *set = &v->set[index / WEIR_WAYS];
    struct weir_dest *s = &set->service[index % WEIR_WAYS];

    if (!weir_dest_turn(s, &v->cpu[index], tick, now_ns))
        return false;
    weir_set_touch(&set->ways, index, weir_dest_class(s), tick);
    v->busy |= s->surging || s->state != WEIR_DEST_NORMAL;
    return true;
}

void weir_dests_packet(struct weir_dests *v, struct weir_flood *f, const struct weir_track *t,
                       const struct weir_pkt *p, bool ours_src, bool ours_dst, uint64_t now_ns)
{
    struct weir_dest *s;

    if (!v->settled_ns)
        v->settled_ns = now_ns + WEIR_SETTLE_NS;
    if (!weir_flood_ask(f, t, p))
        return;
    find(v, f, t, ours_src, ours_dst);
    if (f->index == WEIR_DEST_NONE)
        return;
    s = record(v, f->index);
    if (weir_dest_due(s, t->tick))
        (void)turn(v, f->index, t->tick, now_ns);
    if (weir_flood_count(f, s, &v->cpu[f->index], p,
                         weir_hash_end(&v->key, p->src, 0, p->ip_version == 4))) {
        struct weir_dest_key k;

        weir_dest_key_set(&k, p->dst, f->port, WEIR_DEST_SERVICE, f->key.ip4);
        (void)make(v, &k, WEIR_CLASS_STRAY, t->tick);
    }
    weir_flood_judge(f, s, p, now_ns < v->settled_ns);
}

static void send(struct weir_dests *v, const struct weir_event *ev)
{
    v->n.events++;
    v->sink(v->ctx, ev);
}

bool weir_dests_note(struct weir_dests *v, const struct weir_flood *f, unsigned n,
                     struct weir_event *ev)
{
    struct weir_dest *s = record(v, f->index);
    bool report = s->owed >> n & 1, begins = report && !s->surge[n].first_ns;

    v->n.packets++;
    if (report) {
        s->owed &= ~(1U << n);
        weir_surge_report(s, n, ev);
        send(v, ev);
    } else {
        v->n.suppressed++;
    }
    v->cpu[f->index].hit[n]++;
    return begins;
}

/* True: an incident of it goes on, or its state is not what it is in peace. */
static bool sweep_one(struct weir_dests *v, uint32_t i, uint64_t now_ns, bool all)
{
    struct weir_dest *s = record(v, i);
    bool runs = false;

    (void)turn(v, i, (uint32_t)(now_ns >> WEIR_TICK_SHIFT), now_ns);
    if (all)
        weir_turn_take(s, &v->cpu[i], now_ns);
    for (unsigned n = 0; n < WEIR_SURGES; n++) {
        struct weir_event ev;

        if (!s->surge[n].first_ns)
            continue;
        if (!all && !weir_surge_is_over(s, n, now_ns))
            runs = true;
        else if (weir_surge_close(s, n, &ev))
            send(v, &ev);
    }
    return runs || s->surging || s->state != WEIR_DEST_NORMAL;
}

static void sweep(struct weir_dests *v, uint64_t now_ns, bool all)
{
    if (!v->busy)
        return;
    v->busy = false;
    for (uint32_t i = 0; i < (v->mask + 1) * WEIR_WAYS; i++)
        if (v->set[i / WEIR_WAYS].ways.tag[i % WEIR_WAYS])
            v->busy |= sweep_one(v, i, now_ns, all);
}

void weir_dests_sweep(struct weir_dests *v, uint64_t now_ns)
{
    if (now_ns >= v->swept_ns && now_ns - v->swept_ns < SECOND_NS)
        return;
    v->swept_ns = now_ns;
    sweep(v, now_ns, false);
}

void weir_dests_end_all(struct weir_dests *v)
{
    sweep(v, v->swept_ns, true);
}

const struct weir_dests_counters *weir_dests_count(const struct weir_dests *v)
{
    return &v->n;
}
