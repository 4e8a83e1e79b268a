/* SPDX-License-Identifier: Apache-2.0 */
#include "replay/hellos.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi/flow.h"
#include "analytics/hello_print.h"
#include "analytics/hello_reader.h"

#define PENDING_MAX 1024

#define AGAIN_MAX 65536 /* bytes before `next` that are the same once more */

/* One that goes on in the next segment; or that was told, and may be sent again. */
struct pending {
    uint64_t flow_id; /* 0: free; an id of 0 shares the fate of a place in use */
    uint32_t next;    /* sequence number */
    uint16_t sport;
    bool told;
    struct weir_hello_reader reader;
};

struct weir_hellos {
    weir_hellos_sink sink;
    void *ctx;
    struct weir_hellos_counters n;
    struct pending *pending;
    uint32_t mask;
    uint32_t used;
};

int weir_hellos_new(size_t memory_bytes, weir_hellos_sink sink, void *ctx, struct weir_hellos **ret)
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

static uint64_t flow_id_of(const struct weir_pkt *p)
{
    struct weir_flow f = { .sport = p->sport, .dport = p->dport };

    memcpy(f.src, p->src, sizeof(f.src));
    memcpy(f.dst, p->dst, sizeof(f.dst));
    return weir_flow_id(&f);
}

static struct pending *pending_take(struct weir_hellos *h, const struct weir_pkt *p, size_t len)
{
    uint64_t id = flow_id_of(p);
    struct pending *k = &h->pending[id & h->mask];

    if (k->flow_id) {
        h->n.lost += !k->told; /* the newer one is more likely to go on */
        pending_end(h, k);
    }
    *k = (struct pending){ .flow_id = id, .next = p->seq + (uint32_t)len, .sport = p->sport };
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

static void tell(struct weir_hellos *h, const struct weir_hello_reader *r, const struct weir_pkt *p,
                 uint32_t file, const struct weir_capture_packet *packet)
{
    struct weir_tls_event ev = { .ts_ns = packet->ts_ns,
                                 .packet = packet->number,
                                 .source = file,
                                 .sport = p->sport,
                                 .dport = p->dport };
    struct weir_hello hello;

    if (weir_hello_parse(r->message, r->len, &hello) < 0 || weir_hello_ja4(&hello, ev.ja4) < 0) {
        h->n.broken++;
        return;
    }
    memcpy(ev.src, p->src, sizeof(ev.src));
    memcpy(ev.dst, p->dst, sizeof(ev.dst));
    event_fill(&ev, &hello);
    if (weir_hello_ja3(&hello, ev.ja3) < 0)
        ev.ja3[0] = '\0';
    h->n.told++;
    h->sink(h->ctx, &ev);
}

/* A record of type handshake, version 3.x, that begins with a ClientHello: RFC 8446 5.1, 4. */
static bool looks_like_hello(const uint8_t *b, size_t len)
{
    return len >= 6 && b[0] == 22 && b[1] == 3 && b[5] == 1;
}

static void fed(struct weir_hellos *h, struct pending *k, int done, const struct weir_pkt *p,
                uint32_t file, const struct weir_capture_packet *packet)
{
    if (!done)
        return;
    if (done > 0)
        tell(h, &k->reader, p, file, packet);
    else
        h->n.broken++;
    k->told = true;
    weir_hello_reader_free(&k->reader);
    k->reader = (struct weir_hello_reader){ 0 };
}

static void begin(struct weir_hellos *h, const struct weir_pkt *p, const uint8_t *payload,
                  size_t len, uint32_t file, const struct weir_capture_packet *packet)
{
    struct pending *k = pending_take(h, p, len);

    fed(h, k, weir_hello_feed(&k->reader, payload, len), p, file, packet);
}

static void go_on(struct weir_hellos *h, struct pending *k, const struct weir_pkt *p,
                  const uint8_t *payload, size_t len, uint32_t file,
                  const struct weir_capture_packet *packet)
{
    uint32_t again = k->next - p->seq; /* bytes that were here before */

    if (again >= 1U << 31) {
        h->n.lost++;
        pending_end(h, k);
        return;
    }
    if (again >= len)
        return;
    k->next += (uint32_t)len - again;
    fed(h, k, weir_hello_feed(&k->reader, payload + again, len - again), p, file, packet);
}

void weir_hellos_packet(struct weir_hellos *h, const struct weir_pkt *p, const uint8_t *payload,
                        size_t len, uint32_t file, const struct weir_capture_packet *packet)
{
    if (h->used) {
        uint64_t id = flow_id_of(p);
        struct pending *k = &h->pending[id & h->mask];

        if (k->flow_id == id && id && k->sport == p->sport && k->told) {
            if (k->next - p->seq <= AGAIN_MAX && k->next - p->seq >= len)
                return;
        } else if (k->flow_id == id && id && k->sport == p->sport) {
            go_on(h, k, p, payload, len, file, packet);
            return;
        }
    }
    if (looks_like_hello(payload, len))
        begin(h, p, payload, len, file, packet);
}

struct weir_hellos_counters weir_hellos_count(const struct weir_hellos *h)
{
    return h->n;
}
