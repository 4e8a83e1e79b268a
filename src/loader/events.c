/* SPDX-License-Identifier: Apache-2.0 */

/* What the kernel reports: its rings, and the incidents that owe a last word. */

#include "loader/internal.h"

#include <errno.h>
#include <string.h>

static int on_record(void *arg, void *record, size_t len)
{
    struct weir_loader *l = arg;

    l->ring_fn(record, len, l->ring_arg);
    return 0;
}

static int ring_open(struct weir_loader *l)
{
    int r;

    if (l->ring)
        return 0;
    l->ring = ring_buffer__new(bpf_map__fd(l->skel->maps.ring_high), on_record, l, NULL);
    if (!l->ring)
        return -errno;
    r = ring_buffer__add(l->ring, bpf_map__fd(l->skel->maps.ring_bulk), on_record, l);
    if (r == 0 && l->config.evidence_packets)
        r = ring_buffer__add(l->ring, bpf_map__fd(l->skel->maps.packets), on_record, l);
    if (r == 0 && l->config.hellos)
        r = ring_buffer__add(l->ring, bpf_map__fd(l->skel->maps.hellos), on_record, l);
    if (r < 0) {
        ring_buffer__free(l->ring);
        l->ring = NULL;
    }
    return r;
}

int weir_events_fd(struct weir_loader *l)
{
    int r = ring_open(l);

    return r < 0 ? r : ring_buffer__epoll_fd(l->ring);
}

int weir_events_read(struct weir_loader *l, weir_event_fn fn, void *arg)
{
    int r = ring_open(l);

    if (r < 0)
        return r;
    l->ring_fn = fn;
    l->ring_arg = arg;
    return ring_buffer__consume(l->ring);
}

static void hand_over(const struct weir_incident_key *key, const struct weir_incident *in,
                      weir_event_fn fn, void *arg)
{
    struct weir_event ev = {
        .abi = WEIR_ABI,
        .len = sizeof(ev),
        .type = WEIR_EVENT_FINDING,
        .ts_ns = in->last_ns,
        .first_ns = in->first_ns,
        .count = in->count,
        .sport = in->sport,
        .dport = in->dport,
        .detection = (uint16_t)key->detection,
        .action = in->action,
        .flags = in->flags | WEIR_EVENT_FINAL,
        .proto = in->proto,
        .ip_version = in->ip_version,
        .ttl = in->ttl,
        .tcp_flags = in->tcp_flags,
        .source = in->source,
        .outcome = in->outcome,
    };

    memcpy(ev.src, key->src, sizeof(ev.src));
    memcpy(ev.dst, in->dst, sizeof(ev.dst));
    fn(&ev, sizeof(ev), arg);
}

static bool is_over(const struct weir_incident *in, uint64_t now_ns)
{
    return now_ns > in->last_ns && now_ns - in->last_ns >= WEIR_QUIET_NS;
}

/* Taken out before it is handed over: what the kernel counts from then on is the next incident. */
static void close_incident(int fd, const struct weir_incident_key *key, weir_event_fn fn, void *arg)
{
    struct weir_incident in;

    if (bpf_map_lookup_and_delete_elem(fd, key, &in))
        return; /* evicted meanwhile */
    if (in.count > in.reported)
        hand_over(key, &in, fn, arg);
}

int weir_events_sweep(struct weir_loader *l, uint64_t now_ns, bool all, weir_event_fn fn, void *arg)
{
    int fd = bpf_map__fd(l->skel->maps.incidents), running = 0;
    struct weir_incident_key key, next;
    struct weir_incident in;
    bool more = !bpf_map_get_next_key(fd, NULL, &key);
    /* An LRU map that changes under the walk can send it in circles: bounded by its size. */
    uint32_t budget = bpf_map__max_entries(l->skel->maps.incidents);

    for (; more && budget; budget--, key = next) {
        more = !bpf_map_get_next_key(fd, &key, &next);
        if (bpf_map_lookup_elem(fd, &key, &in))
            continue;
        if (all || is_over(&in, now_ns))
            close_incident(fd, &key, fn, arg);
        else
            running++;
    }
    return running;
}

#define BATCH 1024

/* Room for a batch; grows when one bucket of the map holds more. */
struct batch {
    struct weir_incident_key *key;
    struct weir_incident *in;
    uint32_t size;
};

static int batch_grow(struct batch *b, uint32_t size)
{
    struct weir_incident_key *key = reallocarray(b->key, size, sizeof(*key));
    struct weir_incident *in;

    if (!key)
        return -ENOMEM;
    b->key = key;
    in = reallocarray(b->in, size, sizeof(*in));
    if (!in)
        return -ENOMEM;
    b->in = in;
    b->size = size;
    return 0;
}

static int batch_walk(int fd, struct batch *b, weir_incident_fn fn, void *arg)
{
    uint32_t at = 0, n;
    void *from = NULL;
    int r = 0, more = 0;

    while (r == 0 && more == 0) {
        n = b->size;
        more = bpf_map_lookup_batch(fd, from, &at, b->key, b->in, &n, NULL) ? -errno : 0;
        if (more == -ENOSPC) {
            more = batch_grow(b, b->size * 2);
            continue;
        }
        if (more && more != -ENOENT)
            return more;
        for (uint32_t i = 0; r == 0 && i < n; i++)
            r = fn(&b->key[i], &b->in[i], arg);
        from = &at;
    }
    return r ? r : more == -ENOENT ? 0 : more;
}

int weir_incidents_each(struct weir_loader *l, weir_incident_fn fn, void *arg)
{
    struct batch b = { 0 };
    int r = batch_grow(&b, BATCH);

    if (r == 0)
        r = batch_walk(bpf_map__fd(l->skel->maps.incidents), &b, fn, arg);
    free(b.key);
    free(b.in);
    return r;
}
