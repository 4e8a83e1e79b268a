/* SPDX-License-Identifier: Apache-2.0 */
#include "replay/incidents.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "dataplane/suppress.h"

#define WEIR_NONE UINT32_MAX

struct weir_incident {
    struct weir_suppress suppress;
    struct weir_event last; /* facts of the newest packet */
    uint32_t row;
    uint32_t next;  /* in its bucket, or in the free list */
    uint32_t newer; /* order of the newest packet */
    uint32_t older;
};

struct weir_incidents {
    weir_event_sink sink;
    void *ctx;
    uint64_t key; /* of the hash: a capture must not choose its own collisions */
    uint32_t *bucket;
    uint32_t mask;
    struct weir_incident *record;
    uint32_t size;
    uint32_t fresh; /* records never used from here on */
    uint32_t free;
    uint32_t newest;
    uint32_t oldest;
    struct weir_incidents_stats stats;
};

static uint32_t weir_incidents_hash(const struct weir_incidents *t, unsigned row,
                                    const uint8_t src[16])
{
    uint64_t a[2];
    uint64_t h = t->key ^ row;

    memcpy(a, src, sizeof(a));
    for (int i = 0; i < 2; i++) {
        /* Finalizer of MurmurHash3. */
        h ^= a[i];
        h *= 0xff51afd7ed558ccdULL;
        h ^= h >> 33;
        h *= 0xc4ceb9fe1a85ec53ULL;
        h ^= h >> 33;
    }
    return (uint32_t)h & t->mask;
}

int weir_incidents_new(size_t memory_bytes, size_t most, weir_event_sink sink, void *ctx,
                       struct weir_incidents **ret)
{
    struct weir_incidents *t = calloc(1, sizeof(*t));
    size_t size = memory_bytes / (sizeof(struct weir_incident) + 2 * sizeof(uint32_t));
    uint32_t buckets = 1;

    if (!t)
        return -ENOMEM;
    if (most > 1U << 24)
        most = 1U << 24;
    if (size > most)
        size = most;
    while (buckets * 2 <= size)
        buckets *= 2;
    t->sink = sink;
    t->ctx = ctx;
    t->mask = buckets - 1;
    t->size = (uint32_t)size;
    t->free = t->newest = t->oldest = WEIR_NONE;
    t->record = size ? calloc(size, sizeof(*t->record)) : NULL;
    t->bucket = malloc(buckets * sizeof(*t->bucket));
    if (!t->record || !t->bucket || getrandom(&t->key, sizeof(t->key), 0) != sizeof(t->key)) {
        weir_incidents_free(t);
        return size ? -ENOMEM : -EINVAL;
    }
    memset(t->bucket, 0xff, buckets * sizeof(*t->bucket));
    *ret = t;
    return 0;
}

void weir_incidents_free(struct weir_incidents *t)
{
    if (!t)
        return;
    free(t->bucket);
    free(t->record);
    free(t);
}

void weir_incidents_freep(struct weir_incidents **t)
{
    weir_incidents_free(*t);
}

static void weir_incidents_unlink(struct weir_incidents *t, struct weir_incident *r)
{
    if (r->newer == WEIR_NONE)
        t->newest = r->older;
    else
        t->record[r->newer].older = r->older;
    if (r->older == WEIR_NONE)
        t->oldest = r->newer;
    else
        t->record[r->older].newer = r->newer;
}

static void weir_incidents_link_newest(struct weir_incidents *t, struct weir_incident *r)
{
    uint32_t n = (uint32_t)(r - t->record);

    r->newer = WEIR_NONE;
    r->older = t->newest;
    if (t->newest == WEIR_NONE)
        t->oldest = n;
    else
        t->record[t->newest].newer = n;
    t->newest = n;
}

static void weir_incidents_send(struct weir_incidents *t, struct weir_incident *r, uint8_t flags)
{
    struct weir_event ev = r->last;

    ev.count = r->suppress.count;
    ev.first_ns = r->suppress.first_ns;
    ev.flags |= flags;
    t->stats.events++;
    t->sink(t->ctx, &ev);
}

/* Send what is owed and forget the record. */
static void weir_incidents_end(struct weir_incidents *t, uint32_t n)
{
    struct weir_incident *r = &t->record[n];
    uint32_t *at = &t->bucket[weir_incidents_hash(t, r->row, r->last.src)];

    if (weir_suppress_owes(&r->suppress))
        weir_incidents_send(t, r, WEIR_EVENT_FINAL);
    while (*at != n)
        at = &t->record[*at].next;
    *at = r->next;
    weir_incidents_unlink(t, r);
    r->next = t->free;
    t->free = n;
    t->stats.used--;
}

static uint32_t weir_incidents_take(struct weir_incidents *t)
{
    uint32_t n;

    if (t->free == WEIR_NONE && t->fresh < t->size)
        return t->fresh++;
    if (t->free == WEIR_NONE) {
        t->stats.evicted++;
        weir_incidents_end(t, t->oldest);
    }
    n = t->free;
    t->free = t->record[n].next;
    return n;
}

static struct weir_incident *weir_incidents_get(struct weir_incidents *t, unsigned row,
                                                const uint8_t src[16])
{
    uint32_t *bucket = &t->bucket[weir_incidents_hash(t, row, src)], n;
    struct weir_incident *r;

    for (n = *bucket; n != WEIR_NONE; n = t->record[n].next) {
        r = &t->record[n];
        if (r->row == row && !memcmp(r->last.src, src, 16)) {
            weir_incidents_unlink(t, r);
            weir_incidents_link_newest(t, r);
            return r;
        }
    }
    n = weir_incidents_take(t);
    r = &t->record[n];
    *r = (struct weir_incident){ .row = row, .next = *bucket };
    *bucket = n;
    weir_incidents_link_newest(t, r);
    t->stats.used++;
    return r;
}

uint64_t weir_incidents_note(struct weir_incidents *t, unsigned row, const struct weir_event *ev)
{
    struct weir_incident *r = weir_incidents_get(t, row, ev->src);
    bool report;
    uint64_t last;

    if (r->suppress.count && weir_suppress_over(&r->suppress, ev->ts_ns)) {
        if (weir_suppress_owes(&r->suppress))
            weir_incidents_send(t, r, WEIR_EVENT_FINAL);
        r->suppress = (struct weir_suppress){ 0 };
    }
    r->last = *ev;
    t->stats.packets++;
    last = r->suppress.last_ns;
    report = weir_suppress_note(&r->suppress, ev->ts_ns);
    if (r->suppress.last_ns < last)
        r->suppress.last_ns = last; /* one old packet between new ones is no pause */
    if (!report) {
        t->stats.suppressed++;
        return 0;
    }
    weir_incidents_send(t, r, 0);
    return r->suppress.count;
}

void weir_incidents_sweep(struct weir_incidents *t, uint64_t now_ns)
{
    struct weir_incident *r;

    while (t->oldest != WEIR_NONE && weir_suppress_over(&t->record[t->oldest].suppress, now_ns))
        weir_incidents_end(t, t->oldest);
    if (t->oldest == WEIR_NONE)
        return;
    r = &t->record[t->oldest];
    /* From before the clock stepped back, or a damaged time: it must not hide those behind it. */
    if (r->suppress.last_ns > now_ns) {
        weir_incidents_unlink(t, r);
        weir_incidents_link_newest(t, r);
    }
}

void weir_incidents_end_all(struct weir_incidents *t)
{
    while (t->oldest != WEIR_NONE)
        weir_incidents_end(t, t->oldest);
}

struct weir_incidents_stats weir_incidents_stats(const struct weir_incidents *t)
{
    struct weir_incidents_stats s = t->stats;

    s.size = t->size;
    return s;
}
