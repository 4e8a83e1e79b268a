/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/isn.h"

#include <stdlib.h>
#include <string.h>

#include "abi/flow_state.h"
#include "dataplane/detect/seq_predictable_isn.h"
#include "dataplane/pkt.h"

#define SILENT_NS (60ULL * 1000000000)
#define IPPROTO_OF_TCP 6
#define GOLDEN 0x9e3779b1U /* 2^32 / golden ratio: Knuth, TAOCP 3, 6.4 */

/* Ticks, in ns, of clocks that may stand behind a number: none; RFC 793's of 4 us; Linux's of 64 ns
 * (secure_seq.c, seq_scale()). */
static const uint32_t clocks[] = { 0, 4000, 64 };

static int by_time(const void *a, const void *b)
{
    const struct weir_isn_sample *x = a, *y = b;

    return x->ns < y->ns ? -1 : x->ns > y->ns;
}

static int by_value(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

static uint32_t divisor(uint32_t a, uint32_t b)
{
    while (b) {
        uint32_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

static uint32_t bits_of(uint32_t v)
{
    return v ? 32 - (uint32_t)__builtin_clz(v) : 0;
}

/* The narrowest arc of the circle of 2^32 that holds four fifths of them. */
static uint32_t arc(uint32_t *d, unsigned n)
{
    unsigned most = (n * 4 + 4) / 5 - 1;
    uint32_t ret = UINT32_MAX;

    qsort(d, n, sizeof(*d), by_value);
    for (unsigned i = 0; i < n; i++) {
        uint32_t width = d[(i + most) % n] - d[i];

        ret = width < ret ? width : ret;
    }
    return ret;
}

struct weir_isn_look weir_isn_judge(struct weir_isn_sample *s, unsigned n)
{
    struct weir_isn_look ret = { .bits = 32 };
    uint32_t d[WEIR_ISN_SAMPLES];

    qsort(s, n, sizeof(*s), by_time);
    for (unsigned i = 1; i < n; i++)
        ret.step = divisor(s[i].isn - s[i - 1].isn, ret.step);
    for (unsigned c = 0; c < sizeof(clocks) / sizeof(*clocks); c++) {
        uint32_t bits;

        for (unsigned i = 1; i < n; i++)
            d[i - 1] = s[i].isn - s[i - 1].isn -
                       (clocks[c] ? (uint32_t)((s[i].ns - s[i - 1].ns) / clocks[c]) : 0);
        bits = bits_of(arc(d, n - 1));
        ret.bits = bits < ret.bits ? bits : ret.bits;
    }
    return ret;
}

static uint32_t ends_of(const struct weir_flow *f)
{
    uint32_t ret = f->sport * GOLDEN ^ f->dport;

    for (unsigned i = 0; i < sizeof(f->src); i++)
        ret = (ret ^ f->src[i]) * GOLDEN;
    return ret;
}

/* The number of a handshake that was seen from its beginning, answered on this side. */
static bool is_sample(const struct weir_flow *f)
{
    const struct weir_flow_side *server = &f->side[WEIR_SIDE_SERVER];

    return f->origin == WEIR_ORIGIN_SYN && f->marks & WEIR_FLOW_LOCAL_SERVER &&
           weir_flow_is_open(f) && server->flags & WEIR_SIDE_SYN &&
           !(server->flags & WEIR_SIDE_LOOSE);
}

/* The host's samples, or those that give way to them, or NULL: no room. */
static struct weir_isn_host *host_of(struct weir_isn *w, const uint8_t *addr, uint64_t now_ns)
{
    struct weir_isn_host *oldest = &w->host[0];

    for (unsigned i = 0; i < WEIR_ISN_HOSTS; i++) {
        struct weir_isn_host *h = &w->host[i];

        if (h->last_ns && !memcmp(h->addr, addr, sizeof(h->addr)))
            return h;
        if (h->last_ns < oldest->last_ns)
            oldest = h;
    }
    if (oldest->last_ns && (now_ns < oldest->last_ns || now_ns - oldest->last_ns < SILENT_NS))
        return NULL;
    return oldest;
}

static void event_fill(struct weir_event *ev, const struct weir_flow *f, uint64_t now_ns)
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

    *ev = (struct weir_event){ .abi = WEIR_ABI,
                               .len = sizeof(*ev),
                               .type = WEIR_EVENT_FINDING,
                               .ts_ns = now_ns,
                               .detection = WEIR_DET_SEQ_PREDICTABLE_ISN,
                               .sport = f->dport,
                               .dport = f->sport,
                               .seq = f->side[WEIR_SIDE_SERVER].isn,
                               .ack = f->side[WEIR_SIDE_CLIENT].isn + 1,
                               .tcp_flags = WEIR_SYN | WEIR_ACK,
                               .proto = IPPROTO_OF_TCP,
                               .ip_version = memcmp(f->dst, mapped, sizeof(mapped)) ? 6 : 4,
                               .source = f->ifindex,
                               .flags = WEIR_EVENT_EGRESS | WEIR_EVENT_TO_CLIENT };
    memcpy(ev->src, f->dst, sizeof(ev->src));
    memcpy(ev->dst, f->src, sizeof(ev->dst));
}

bool weir_isn_end(struct weir_isn *w, unsigned i, struct weir_event *ret)
{
    struct weir_isn_host *h = &w->host[i];
    bool owed = weir_suppress_owes(&h->run);

    if (owed) {
        *ret = h->newest;
        ret->count = h->run.count;
        ret->flags |= WEIR_EVENT_FINAL;
    }
    h->run = (struct weir_suppress){ 0 };
    return owed;
}

/* A full set of samples: judge it and begin anew. */
static bool set_judge(struct weir_isn *w, struct weir_isn_host *h, const struct weir_flow *f,
                      uint64_t now_ns, struct weir_event *ret)
{
    struct weir_isn_look look = weir_isn_judge(h->sample, h->n);
    struct weir_evidence evidence = { 0 };
    bool tell;

    w->judged++;
    h->n = 0;
    if (!weir_detect_seq_predictable_isn(&look, &evidence))
        return weir_isn_end(w, (unsigned)(h - w->host), ret);
    tell = weir_suppress_add(&h->run, WEIR_ISN_SAMPLES, now_ns);
    event_fill(&h->newest, f, now_ns);
    h->newest.first_ns = h->run.first_ns;
    h->newest.count = h->run.count;
    memcpy(h->newest.evidence, evidence.v, sizeof(h->newest.evidence));
    if (tell)
        *ret = h->newest;
    return tell;
}

bool weir_isn_take(struct weir_isn *w, const struct weir_flow *f, uint64_t now_ns,
                   struct weir_event *ret)
{
    struct weir_isn_host *h;
    uint32_t ends;

    if (!is_sample(f))
        return false;
    h = host_of(w, f->dst, now_ns);
    if (!h) {
        w->crowded++;
        return false;
    }
    if (!h->last_ns || memcmp(h->addr, f->dst, sizeof(h->addr))) {
        if (weir_isn_end(w, (unsigned)(h - w->host), ret))
            return true; /* this sample is missing among the new host's */
        *h = (struct weir_isn_host){ 0 };
        memcpy(h->addr, f->dst, sizeof(h->addr));
    }
    ends = ends_of(f);
    for (unsigned i = 0; i < h->n; i++)
        if (h->sample[i].ends == ends)
            return false;
    h->last_ns = now_ns ? now_ns : 1;
    h->sample[h->n++] = (struct weir_isn_sample){ .ns = f->start_ns,
                                                  .isn = f->side[WEIR_SIDE_SERVER].isn,
                                                  .ends = ends };
    return h->n == WEIR_ISN_SAMPLES && set_judge(w, h, f, now_ns, ret);
}
