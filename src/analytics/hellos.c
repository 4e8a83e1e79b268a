/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/hellos.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi/detection.h"
#include "abi/outcome.h"
#include "analytics/hello_print.h"
#include "analytics/hello_reader.h"
#include "dataplane/hash.h"
#include "dataplane/hello.h"

#define PENDING_MAX 1024

#define AGAIN_MAX 65536 /* bytes before `next` that are the same once more */

/* One that goes on in the next segment; or that was told, and may be sent again. */
struct pending {
    uint64_t hash; /* 0: free; a hash of 0 shares the fate of a place in use */
    uint64_t begun_ns;
    uint32_t next; /* sequence number */
    uint16_t sport;
    bool told;
    struct weir_hello_reader reader;
};

struct weir_hellos {
    weir_hellos_sink sink;
    void *ctx;
    struct weir_hash_key key;
    struct weir_hellos_counters n;
    struct pending *pending;
    uint32_t mask;
    uint32_t used;
};

int weir_hellos_new(size_t memory_bytes, const struct weir_hash_key *key, weir_hellos_sink sink,
                    void *ctx, struct weir_hellos **ret)
{
    struct weir_hellos *h = calloc(1, sizeof(*h));
    uint32_t places = 1;

    if (!h)
        return -ENOMEM;
    while (places < PENDING_MAX &&
           2 * places * (sizeof(*h->pending) + WEIR_HELLO_BYTES_MAX) <= memory_bytes)
        places *= 2;
    h->sink = sink;
    h->ctx = ctx;
    h->key = *key;
    h->mask = places - 1;
    h->pending = calloc(places, sizeof(*h->pending));
    if (!h->pending) {
        free(h);
        return -ENOMEM;
    }
    *ret = h;
    return 0;
}

static void pending_end(struct weir_hellos *h, struct pending *k)
{
    weir_hello_reader_free(&k->reader);
    *k = (struct pending){ 0 };
    h->used--;
}

void weir_hellos_free(struct weir_hellos *h)
{
    if (!h)
        return;
    for (uint32_t i = 0; i <= h->mask; i++)
        weir_hello_reader_free(&h->pending[i].reader);
    free(h->pending);
    free(h);
}

static uint64_t hash_of(const struct weir_hellos *h, const struct weir_hello_event *s)
{
    return weir_hash_flow(&h->key, s->src, s->dst, s->sport, s->dport, s->ip_version == 4);
}

static struct pending *pending_take(struct weir_hellos *h, const struct weir_hello_event *s)
{
    uint64_t hash = hash_of(h, s);
    struct pending *k = &h->pending[hash & h->mask];

    if (k->hash) {
        h->n.lost += !k->told; /* the newer one is more likely to go on */
        pending_end(h, k);
    }
    *k = (struct pending){
        .hash = hash, .begun_ns = s->ts_ns, .next = s->seq + s->bytes, .sport = s->sport
    };
    h->used++;
    return k;
}

static void event_fill(struct weir_tls_event *ev, const struct weir_hello *hello)
{
    size_t name =
        hello->server_name.n < WEIR_TLS_NAME_MAX ? hello->server_name.n : WEIR_TLS_NAME_MAX;
    size_t alpn = hello->alpn.n < WEIR_TLS_ALPN_MAX ? hello->alpn.n : WEIR_TLS_ALPN_MAX;

    ev->version = weir_hello_version(hello);
    ev->name_len = (uint16_t)name;
    ev->alpn_len = (uint16_t)alpn;
    if (name)
        memcpy(ev->name, hello->server_name.at, name);
    if (alpn)
        memcpy(ev->alpn, hello->alpn.at, alpn);
}

static void tell(struct weir_hellos *h, const struct weir_hello_reader *r,
                 const struct weir_hello_event *s)
{
    struct weir_tls_event ev = { .from = *s };
    struct weir_hello hello;

    if (weir_hello_parse(r->message, r->len, &hello) < 0 ||
        weir_hello_ja4(&hello, (char *)ev.ja4) < 0) {
        h->n.broken++;
        return;
    }
    event_fill(&ev, &hello);
    if (weir_hello_ja3(&hello, (char *)ev.ja3) < 0)
        ev.ja3[0] = '\0';
    h->n.told++;
    h->sink(h->ctx, &ev);
}

static void fed(struct weir_hellos *h, struct pending *k, int done,
                const struct weir_hello_event *s)
{
    if (!done)
        return;
    if (done > 0)
        tell(h, &k->reader, s);
    else
        h->n.broken++;
    k->told = true;
    weir_hello_reader_free(&k->reader);
    k->reader = (struct weir_hello_reader){ 0 };
}

static void go_on(struct weir_hellos *h, struct pending *k, const struct weir_hello_event *s,
                  const uint8_t *payload)
{
    uint32_t again = k->next - s->seq; /* bytes that were here before */

    if (again >= 1U << 31) {
        h->n.lost++;
        pending_end(h, k);
        return;
    }
    if (again >= s->bytes)
        return;
    k->next += s->bytes - again;
    fed(h, k, weir_hello_feed(&k->reader, payload + again, s->bytes - again), s);
}

bool weir_hello_event_valid(const struct weir_hello_event *ev, size_t len)
{
    return len >= sizeof(*ev) && ev->abi == WEIR_ABI && ev->len == sizeof(*ev) &&
           ev->type == WEIR_EVENT_HELLO && ev->bytes && ev->bytes <= len - sizeof(*ev) &&
           (ev->ip_version == 4 || ev->ip_version == 6);
}

void weir_hellos_segment(struct weir_hellos *h, const struct weir_hello_event *s,
                         const uint8_t *payload)
{
    struct pending *k;

    if (h->used) {
        uint64_t hash = hash_of(h, s);

        k = &h->pending[hash & h->mask];
        if (k->hash == hash && hash && k->sport == s->sport && k->told) {
            if (k->next - s->seq <= AGAIN_MAX && k->next - s->seq >= s->bytes)
                return;
        } else if (k->hash == hash && hash && k->sport == s->sport) {
            go_on(h, k, s, payload);
            return;
        }
    }
    if (!weir_hello_begins(payload, s->bytes))
        return;
    k = pending_take(h, s);
    fed(h, k, weir_hello_feed(&k->reader, payload, s->bytes), s);
}

void weir_hellos_sweep(struct weir_hellos *h, uint64_t now_ns)
{
    for (uint32_t i = 0; h->used && i <= h->mask; i++) {
        struct pending *k = &h->pending[i];

        if (!k->hash || k->told || now_ns < k->begun_ns + WEIR_HELLO_WAIT_NS)
            continue;
        h->n.lost++;
        pending_end(h, k);
    }
}

struct weir_hellos_counters weir_hellos_count(const struct weir_hellos *h)
{
    return h->n;
}

void weir_tls_finding(const struct weir_tls_event *t, uint32_t number, struct weir_event *ret)
{
    const struct weir_hello_event *f = &t->from;

    *ret = (struct weir_event){ .abi = WEIR_ABI,
                                .len = sizeof(*ret),
                                .type = WEIR_EVENT_FINDING,
                                .ts_ns = f->ts_ns,
                                .first_ns = f->ts_ns,
                                .count = 1,
                                .packet = f->packet,
                                .sport = f->sport,
                                .dport = f->dport,
                                .detection = WEIR_DET_PAYLOAD_SIGNATURE,
                                .proto = 6,
                                .ip_version = f->ip_version,
                                .ttl = f->ttl,
                                .tcp_flags = f->tcp_flags,
                                .seq = f->seq,
                                .ack = f->ack,
                                .window = f->window,
                                .ip_id = f->ip_id,
                                .payload_bytes = f->bytes,
                                .frame_bytes = f->frame_bytes,
                                .source = f->source,
                                .outcome = WEIR_OUTCOME_TCP,
                                .evidence = { number } };
    memcpy(ret->src, f->src, sizeof(ret->src));
    memcpy(ret->dst, f->dst, sizeof(ret->dst));
    if (f->flags & WEIR_HELLO_TAGGED) {
        ret->vlans = 1;
        ret->vlan[0] = f->vlan;
    }
    if (f->flags & WEIR_HELLO_EGRESS)
        ret->flags = WEIR_EVENT_EGRESS;
}
