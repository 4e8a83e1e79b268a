/* SPDX-License-Identifier: Apache-2.0 */
#include "replay/sources.h"

#include "analytics/scans.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define SETS_MAX (1U << 12)
#define GATES_MAX (1U << 18)

struct weir_sources {
    struct weir_hash_key key;   /* of the table: a capture must not choose its own collisions */
    struct weir_hash_key fixed; /* of what is counted: the same capture, the same findings */
    struct weir_ways *ways;
    struct weir_source_set *set;
    struct weir_gate *gate;
    struct weir_target *target;
    struct weir_twin *twin;
    uint32_t set_mask;
    uint32_t gate_mask;
    uint32_t target_mask;
    uint32_t twin_mask;
    struct weir_sources_counters n;
};

static uint32_t mask_of(size_t bytes, size_t each, uint32_t most)
{
    uint32_t n = 1;

    while (n < most && (size_t)n * 2 * each <= bytes)
        n *= 2;
    return n - 1;
}

int weir_sources_new(size_t memory_bytes, struct weir_sources **ret)
{
    const size_t set = sizeof(struct weir_ways) + sizeof(struct weir_source_set);
    struct weir_sources *s = calloc(1, sizeof(*s));
    size_t gates = memory_bytes / 16, rest = gates * 3;

    if (!s)
        return -ENOMEM;
    memset(&s->fixed, 0x5a, sizeof(s->fixed));
    s->set_mask = mask_of(memory_bytes - rest, set, SETS_MAX);
    s->gate_mask = mask_of(gates, sizeof(*s->gate), GATES_MAX);
    s->target_mask = mask_of(gates, sizeof(*s->target), WEIR_TARGETS);
    s->twin_mask = mask_of(gates, sizeof(*s->twin), WEIR_TWINS);
    s->target = calloc((size_t)s->target_mask + 1, sizeof(*s->target));
    s->twin = calloc((size_t)s->twin_mask + 1, sizeof(*s->twin));
    s->ways = calloc((size_t)s->set_mask + 1, sizeof(*s->ways));
    s->set = calloc((size_t)s->set_mask + 1, sizeof(*s->set));
    s->gate = calloc((size_t)s->gate_mask + 1, sizeof(*s->gate));
    if (memory_bytes - rest < set || !s->target || !s->twin || !s->ways || !s->set || !s->gate ||
        getrandom(&s->key, sizeof(s->key), 0) != sizeof(s->key)) {
        weir_sources_free(s);
        return -ENOMEM;
    }
    *ret = s;
    return 0;
}

void weir_sources_free(struct weir_sources *s)
{
    if (!s)
        return;
    free(s->ways);
    free(s->set);
    free(s->gate);
    free(s->target);
    free(s->twin);
    free(s);
}

static void note_in_set(struct weir_sources *s, struct weir_track *t, const struct weir_contact *c)
{
    uint32_t index = weir_set_index(c->hash, s->set_mask);
    struct weir_ways *ways = &s->ways[index];
    struct weir_source_set *set = &s->set[index];
    uint32_t way = (uint32_t)weir_source_find(ways, set, c);

    if (way >= WEIR_WAYS) {
        if (!weir_contact_admits(c) ||
            !weir_gate_pass(&s->gate[weir_set_index(c->hash, s->gate_mask)], c, t->tick))
            return;
        way = (uint32_t)weir_source_admit(ways, set, c, t->tick);
        s->n.admitted++;
        s->n.evicted += way >= 2 * WEIR_WAYS;
        way &= WEIR_WAYS - 1;
    }
    (void)weir_source_note(t, &set->source[way], c);
    weir_set_touch(ways, way, weir_source_class(&set->source[way]), t->tick);
}

static void note(struct weir_sources *s, struct weir_track *t, struct weir_contact *c, bool ip4)
{
    c->hash = weir_hash_end(&s->key, c->source, 0, ip4);
    note_in_set(s, t, c);
}

static void note_target(struct weir_sources *s, struct weir_track *t, const struct weir_contact *c)
{
    s->n.lost_target += (uint32_t)weir_target_note(t, &s->target[c->host & s->target_mask], c);
    if (c->kind == WEIR_CONTACT_SYN &&
        weir_twin_note(&s->twin[c->probe & s->twin_mask], c, t->tick))
        weir_twin_hit(t);
}

void weir_sources_packet(struct weir_sources *s, struct weir_track *t, const struct weir_pkt *p)
{
    struct weir_contact c;

    if (!weir_contact_read(&c, &s->fixed, t, p))
        return;
    weir_contact_begin(t);
    note(s, t, &c, p->ip_version == 4);
    if (!c.outbound)
        note_target(s, t, &c);
}

void weir_sources_illegal(struct weir_sources *s, struct weir_track *t, const struct weir_pkt *p)
{
    struct weir_contact c;

    if (!weir_contact_read(&c, &s->fixed, t, p))
        return;
    weir_contact_begin(t);
    note(s, t, &c, p->ip_version == 4);
}

void weir_sources_quote(struct weir_sources *s, struct weir_track *t, const struct weir_quote *q,
                        const struct weir_pkt *p)
{
    struct weir_contact c;

    weir_contact_begin(t);
    weir_contact_quote(&c, &s->fixed, q, p);
    note(s, t, &c, p->ip_version == 4);
}

const struct weir_source *weir_sources_record(const struct weir_sources *s, const uint8_t addr[16])
{
    return weir_scans_record(s->ways, s->set, s->set_mask + 1, &s->key, addr);
}

const struct weir_sources_counters *weir_sources_count(const struct weir_sources *s)
{
    return &s->n;
}
