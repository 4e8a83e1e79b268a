/* SPDX-License-Identifier: Apache-2.0 */
#include "replay/conns.h"
#include "policy/patterns.h"
#include "replay/fragments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#define SETS_MAX (1U << 20)

struct table {
    struct weir_ways *ways;
    struct weir_flow_set *set;
    uint32_t mask;
};

struct weir_conns {
    struct weir_hash_key key;
    struct table flows;
    struct table half;
    struct weir_content *content;
    uint32_t content_mask;
    uint32_t content_next;
    struct weir_payload_table payload;
    struct weir_fragment_table fragments;
    struct weir_flow ended;
    struct weir_conns_counters n;
    struct weir_ends *ends;
};

static size_t content_bytes(const struct weir_conns *c)
{
    return ((size_t)c->content_mask + 1) * sizeof(*c->content);
}

/* Of a direction, as the kernel host reads unless told otherwise. */
#define PAYLOAD_DEPTH 256

static size_t payload_bytes(const struct weir_payload_table *t)
{
    return ((size_t)t->mask + 1) * sizeof(*t->entry);
}

#define SET_BYTES (sizeof(struct weir_ways) + sizeof(struct weir_flow_set))

static size_t ways_bytes(const struct table *t)
{
    return ((size_t)t->mask + 1) * sizeof(*t->ways);
}

static size_t set_bytes(const struct table *t)
{
    return ((size_t)t->mask + 1) * sizeof(*t->set);
}

static struct weir_seat seat_of(const struct table *t, uint64_t hash)
{
    uint32_t i = weir_set_index(hash, t->mask);

    return (struct weir_seat){ &t->ways[i], &t->set[i] };
}

/* The largest power of two of records that fits, at most SETS_MAX, minus 1. */
static uint32_t mask_of(size_t bytes, size_t record)
{
    uint32_t n = 1;

    while (n < SETS_MAX && (size_t)n * 2 * record <= bytes)
        n *= 2;
    return n - 1;
}

/* Zeroed pages, aligned to cache lines; those never touched are never taken. */
static void *pages_new(size_t bytes)
{
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (at == MAP_FAILED)
        return NULL;
    (void)madvise(
        at, bytes,
        MADV_HUGEPAGE); /* tables are hit at random: fewer misses of the TLB; only a hint */
    return at;
}

static int table_new(struct table *t, size_t bytes)
{
    if (bytes < SET_BYTES)
        return -ENOMEM;
    t->mask = mask_of(bytes, SET_BYTES);
    t->ways = pages_new(ways_bytes(t));
    t->set = pages_new(set_bytes(t));
    return t->ways && t->set ? 0 : -ENOMEM;
}

static int content_new(struct weir_conns *c, size_t bytes)
{
    if (bytes < sizeof(*c->content))
        return -ENOMEM;
    c->content_mask = mask_of(bytes, sizeof(*c->content));
    c->content = pages_new(content_bytes(c));
    return c->content ? 0 : -ENOMEM;
}

static int payload_new(struct weir_payload_table *t, size_t bytes)
{
    if (bytes < WEIR_PAYLOAD_WAYS * sizeof(*t->entry))
        return -ENOMEM;
    t->mask = mask_of(bytes, sizeof(*t->entry));
    t->depth = PAYLOAD_DEPTH;
    t->entry = pages_new(payload_bytes(t));
    return t->entry ? 0 : -ENOMEM;
}

static int ends_new(struct weir_conns *c, const struct weir_ends_sink *sink)
{
    const struct weir_ends_table flows = { c->flows.ways, c->flows.set, c->flows.mask + 1 },
                                 half = { c->half.ways, c->half.set, c->half.mask + 1 };

    return weir_ends_new(&flows, &half, sink, &c->ends);
}

int weir_conns_new(size_t memory_bytes, const struct weir_ends_sink *sink, struct weir_conns **ret)
{
    struct weir_conns *c = calloc(1, sizeof(*c));

    if (!c)
        return -ENOMEM;
    if (table_new(&c->flows, memory_bytes / 2) < 0 || table_new(&c->half, memory_bytes / 8) < 0 ||
        content_new(c, memory_bytes / 16 * 5) < 0 ||
        payload_new(&c->payload, memory_bytes / 16) < 0 || ends_new(c, sink) < 0 ||
        getrandom(&c->key, sizeof(c->key), 0) != sizeof(c->key)) {
        weir_conns_free(c);
        return -ENOMEM;
    }
    *ret = c;
    return 0;
}

static void table_free(struct table *t)
{
    if (t->ways)
        (void)munmap(t->ways, ways_bytes(t));
    if (t->set)
        (void)munmap(t->set, set_bytes(t));
}

void weir_conns_free(struct weir_conns *c)
{
    if (!c)
        return;
    table_free(&c->flows);
    table_free(&c->half);
    if (c->content)
        (void)munmap(c->content, content_bytes(c));
    weir_ends_free(c->ends);
    if (c->payload.entry)
        (void)munmap(c->payload.entry, payload_bytes(&c->payload));
    free(c);
}

static void count(struct weir_conns_counters *n, const struct weir_track *t,
                  const struct weir_conn *conn)
{
    n->packets += t->known;
    n->half_new += !t->known && conn->flow;
    n->opened += t->opened;
    n->half_evicted += t->half_evicted;
    n->evicted += t->ended == WEIR_END_EVICTED;
    n->lost += t->full;
}

/* The bytes against those that stood in their place before. */
static void compare(struct weir_conns *c, struct weir_track *t, struct weir_flow *f,
                    const struct weir_pkt *p, const uint8_t *payload, size_t len)
{
    const struct weir_content_span span = weir_content_span(f, t->side, p);
    struct weir_content *content;
    struct weir_piece piece;
    uint32_t differ = 0;

    if (!weir_content_wants(&span))
        return;
    content = &c->content[weir_content_slot(f, &c->content_next, c->content_mask)];
    if (!weir_content_own(content, f)) {
        c->n.lost_content++;
        return;
    }
    if (span.brief && span.brief <= len) {
        memset(piece.b, 0, 2 * WEIR_CONTENT_CHUNK);
        memcpy(piece.b, payload, span.brief);
        differ = (uint32_t)weir_content_brief(&content->side[t->side & 1], &piece, &c->key, span.at,
                                              span.brief);
    }
    for (uint32_t at = 0, n; at < span.bytes && span.skip + at < len; at += n) {
        n = span.bytes - at < WEIR_PIECE ? span.bytes - at : WEIR_PIECE;
        if (span.skip + at + n > len)
            n = (uint32_t)(len - span.skip - at) & ~(WEIR_CONTENT_CHUNK - 1U);
        if (!n)
            break;
        memcpy(piece.b, payload + span.skip + at, n);
        differ += (uint32_t)weir_content_piece(&content->side[t->side & 1], &piece, &c->key,
                                               span.at + at, n);
    }
    weir_content_judge(t, &span, differ);
}

void weir_conns_packet(struct weir_conns *c, struct weir_track *t, const struct weir_pkt *p,
                       const struct weir_policy *zone, const uint8_t *payload, size_t payload_len,
                       uint64_t now_ns)
{
    uint64_t hash = weir_hash_packet(&c->key, p);
    struct weir_seat flows = seat_of(&c->flows, hash), half = seat_of(&c->half, hash);
    struct weir_conn conn;

    t->tag = weir_set_tag(hash);
    t->tick = (uint32_t)(now_ns >> WEIR_TICK_SHIFT);
    t->fine = (uint32_t)(now_ns >> WEIR_FINE_SHIFT);
    conn = weir_conn_packet(t, flows, half, weir_conn_find(flows, half, p, t->tag), p, &c->ended);
    count(&c->n, t, &conn);
    if (!t->was_proven && conn.flow)
        weir_ends_use(c->ends, conn.proven,
                      weir_set_index(hash, conn.proven ? c->flows.mask : c->half.mask));
    if (t->ended)
        weir_ends_tell(c->ends, &c->ended, t->ended);
    if (weir_conn_began(t, &conn))
        weir_flow_zone(conn.flow, zone->zone, zone->check == WEIR_CHECK_LIBERAL);
    if (t->clock && conn.flow)
        weir_flow_clock(t, conn.flow, p, now_ns);
    if (payload_len && t->known && conn.flow && conn.proven && !(t->facts & WEIR_FACTS_REFUSED))
        compare(c, t, conn.flow, p, payload, payload_len);
    if (payload_len && conn.flow && conn.proven &&
        !weir_payload_packet(&c->payload, t, conn.flow,
                             weir_set_index(hash, c->flows.mask) * WEIR_WAYS + conn.way, p, payload,
                             (uint32_t)payload_len))
        c->n.lost_payload++;
}

void weir_conns_patterns(struct weir_conns *c, const struct weir_patterns_image *image)
{
    for (unsigned lane = 0; lane < WEIR_LANES; lane++) {
        const struct weir_automaton_image *i = &image->lane[lane];

        if (!i->automaton)
            continue;
        c->payload.depth = UINT32_MAX;
        c->payload.scan[lane] = (struct weir_automaton_view){
            i->automaton, (uint32_t)((i->bytes - sizeof(*i->automaton)) / sizeof(uint32_t))
        };
    }
}

void weir_conns_fragment(struct weir_conns *c, struct weir_track *t, const struct weir_pkt *p,
                         uint64_t now_ns)
{
    c->n.lost_fragment += !weir_fragment_packet(&c->fragments, &c->key, t, p, now_ns);
}

bool weir_conns_quote(struct weir_conns *c, struct weir_track *t, const struct weir_quote *q,
                      const struct weir_pkt *p, uint64_t now_ns)
{
    uint64_t hash = weir_hash_quote(&c->key, q, p);
    struct weir_seat open = seat_of(&c->flows, hash), half = seat_of(&c->half, hash);

    t->tick = (uint32_t)(now_ns >> WEIR_TICK_SHIFT);
    (void)weir_conn_quote(t, open.ways, open.set, q, weir_set_tag(hash));
    return weir_conn_quote_half(half.ways, half.set, q, weir_set_tag(hash));
}

struct weir_ends *weir_conns_ends(struct weir_conns *c)
{
    return c->ends;
}

const struct weir_conns_counters *weir_conns_count(const struct weir_conns *c)
{
    return &c->n;
}
