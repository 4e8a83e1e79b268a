/* SPDX-License-Identifier: Apache-2.0 */
#include "replay/conns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#define SETS_MAX (1U << 20)

struct table {
    struct weir_flow_set *set;
    uint32_t mask;
};

struct weir_conns {
    struct weir_hash_key key;
    struct table flows;
    struct table half;
    struct weir_flow ended;
    struct weir_conns_counters n;
};

static size_t table_bytes(const struct table *t)
{
    return ((size_t)t->mask + 1) * sizeof(*t->set);
}

/* Zeroed pages, aligned to cache lines; those never touched are never taken. */
static int table_new(struct table *t, size_t bytes)
{
    uint32_t sets = 1;

    if (bytes < sizeof(*t->set))
        return -ENOMEM;
    while (sets < SETS_MAX && (size_t)sets * 2 * sizeof(*t->set) <= bytes)
        sets *= 2;
    t->mask = sets - 1;
    t->set = mmap(NULL, table_bytes(t), PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (t->set == MAP_FAILED) {
        t->set = NULL;
        return -ENOMEM;
    }
    return 0;
}

int weir_conns_new(size_t memory_bytes, struct weir_conns **ret)
{
    struct weir_conns *c = calloc(1, sizeof(*c));

    if (!c)
        return -ENOMEM;
    if (table_new(&c->flows, memory_bytes / 4 * 3) < 0 ||
        table_new(&c->half, memory_bytes / 4) < 0 ||
        getrandom(&c->key, sizeof(c->key), 0) != sizeof(c->key)) {
        weir_conns_free(c);
        return -ENOMEM;
    }
    *ret = c;
    return 0;
}

void weir_conns_free(struct weir_conns *c)
{
    if (!c)
        return;
    if (c->flows.set)
        (void)munmap(c->flows.set, table_bytes(&c->flows));
    if (c->half.set)
        (void)munmap(c->half.set, table_bytes(&c->half));
    free(c);
}

static void count(struct weir_conns_counters *n, const struct weir_track *t,
                  const struct weir_conn *conn)
{
    n->packets += t->known;
    n->half_new += !t->known && conn->flow;
    n->opened += conn->flow && conn->proven && !t->was_proven;
    n->half_evicted += t->half_evicted;
    n->evicted += t->ended == WEIR_END_EVICTED;
    n->lost += t->full;
}

void weir_conns_packet(struct weir_conns *c, struct weir_track *t, const struct weir_pkt *p,
                       uint64_t now_ns)
{
    uint64_t hash = weir_hash_flow(&c->key, p->src, p->dst, p->sport, p->dport, p->ip_version == 4);
    struct weir_conn conn;

    t->tick = (uint32_t)(now_ns >> WEIR_TICK_SHIFT);
    t->fine = (uint32_t)(now_ns >> WEIR_FINE_SHIFT);
    conn = weir_conn_packet(t, &c->flows.set[weir_set_index(hash, c->flows.mask)],
                            &c->half.set[weir_set_index(hash, c->half.mask)], p, weir_set_tag(hash),
                            &c->ended);
    count(&c->n, t, &conn);
    if (t->clock && conn.flow)
        weir_flow_clock(t, conn.flow, p, now_ns);
}

const struct weir_conns_counters *weir_conns_count(const struct weir_conns *c)
{
    return &c->n;
}
