/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/siege.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define MS 1000000ULL
#define BEGIN_NS (1000ULL * 1000 * MS)
#define PENDING_MAX 65536U /* steps of moves that are to come */

/* A step of move number i of a stream. */
struct step {
    __u32 at_ms;
    __u32 i;
    const struct weir_stream *stream;
    __u8 step;
};

struct weir_march {
    const struct weir_siege *siege;
    struct weir_shot shot;
    __u32 ms;
    __u32 sent[SIEGE_STREAMS];
    __u32 swept; /* seconds */
    struct step
        pending[PENDING_MAX]; /* a ring for each delay would be faster, and this is enough */
    __u32 first, last;
};

struct weir_march *weir_march_new(const struct weir_siege *siege)
{
    struct weir_march *m = calloc(1, sizeof(*m));

    assert(m);
    m->siege = siege;
    return m;
}

void weir_march_free(struct weir_march *m)
{
    free(m);
}

enum side {
    IN,
    OUT,
};

/* Flags, direction and delay of a move's steps. */
struct plan {
    __u16 flags;
    enum side side;
    __u32 after_ms;
    bool data;
};

static const struct plan plans[][4] = {
    [MOVE_SYN] = { { WEIR_SYN }, { WEIR_SYN | WEIR_ACK, OUT } },
    [MOVE_SYN_UNSEEN] = { { WEIR_SYN } },
    [MOVE_SYN_REFUSED] = { { WEIR_SYN }, { WEIR_RST | WEIR_ACK, OUT } },
    [MOVE_SYN_RETRIED] = { { WEIR_SYN }, { WEIR_SYN, IN, 1000 } },
    [MOVE_SYN_RESET] = { { WEIR_SYN }, { WEIR_SYN | WEIR_ACK, OUT }, { WEIR_RST, IN, 1 } },
    [MOVE_CONNECT] = { { WEIR_SYN }, { WEIR_SYN | WEIR_ACK, OUT }, { WEIR_ACK, IN, 30 } },
    [MOVE_PATIENT] = { { WEIR_SYN },
                       { WEIR_SYN, IN, 1000 },
                       { WEIR_SYN | WEIR_ACK, OUT },
                       { WEIR_ACK, IN, 30 } },
    [MOVE_HASTY] = { { WEIR_SYN }, { WEIR_SYN, IN, 2 } },
    [MOVE_CONNECT_SEEN_IN] = { { WEIR_SYN }, { WEIR_ACK, IN, 30 } },
    [MOVE_CLOSE] = { { WEIR_SYN },
                     { WEIR_SYN | WEIR_ACK, OUT },
                     { WEIR_ACK, IN, 30 },
                     { WEIR_RST, IN, 30 } },
    [MOVE_ACK] = { { WEIR_ACK } },
    [MOVE_BAD_COOKIE] = { { WEIR_ACK } },
    [MOVE_DATA] = { { WEIR_ACK | WEIR_PSH, IN, 0, true } },
    [MOVE_RST] = { { WEIR_RST } },
    [MOVE_FIN] = { { WEIR_FIN | WEIR_ACK } },
    [MOVE_SYNACK] = { { WEIR_SYN | WEIR_ACK } },
    [MOVE_WEB] = { { WEIR_ACK | WEIR_PSH, IN, 0, true } },
};

/* Names of both ends. */
struct ends {
    char client[48], server[48];
    __u32 sport, dport;
};

static void name_ends(struct ends *e, const struct weir_stream *s, __u32 i, __u32 stream)
{
    __u32 source = s->sources ? i % s->sources : i, host = s->hosts ? i % s->hosts : 0;

    if (s->ip6) {
        (void)snprintf(e->client, sizeof(e->client), "2001:db8:a%x:%x::%x", stream, source & 0xffff,
                       (source >> 16) + 1);
        (void)snprintf(e->server, sizeof(e->server), SIEGE_SERVER6);
    } else {
        (void)snprintf(e->client, sizeof(e->client), "10.%u.%u.%u",
                       stream << 6 | (source >> 16 & 63), source >> 8 & 255, source & 255);
        (void)snprintf(e->server, sizeof(e->server), "198.51.100.%u", 20 + host);
    }
    e->sport = s->move == MOVE_WEB || s->move == MOVE_SYNACK
                   ? 443
                   : 1024 + (s->sources ? i / s->sources * 7 : source) % 60000;
    e->dport = (s->port ? s->port : SIEGE_PORT) + (s->ports ? i % s->ports : 0);
}

static void build(struct weir_march *m, const struct step *q)
{
    static const __u8 linux_options[] = { 2, 4, 5, 180, 4, 2, 1, 1, 1, 3, 3, 7 };
    const struct weir_stream *s = q->stream;
    const struct plan *plan = &plans[s->move][q->step];
    struct weir_packet p = { .net = s->ip6 ? NET_IP6 : NET_IP4 };
    __u32 client = q->i * 2654435761U, server = client ^ 0x5a5a5a5a;
    struct ends e;

    name_ends(&e, s, q->i, (__u32)(s - m->siege->stream));
    p.ip4.src = p.ip6.src = plan->side == OUT ? e.server : e.client;
    p.ip4.dst = p.ip6.dst = plan->side == OUT ? e.client : e.server;
    p.tcp.sport = plan->side == OUT ? e.dport : e.sport;
    p.tcp.dport = plan->side == OUT ? e.sport : e.dport;
    p.tcp.flags = plan->flags;
    p.tcp.seq = EXACTLY((__u32)(plan->side == OUT ? server : client + !(plan->flags & WEIR_SYN)));
    if (plan->flags & WEIR_ACK)
        p.tcp.ack = EXACTLY((__u32)(plan->side == OUT ? client + 1 : server + 1));
    p.payload_bytes = plan->data ? 200 : 0;
    if (plan->flags & WEIR_SYN && s->build != BUILD_BARE) {
        p.tcp.options = (struct octets){ linux_options, sizeof(linux_options) };
        p.tcp.window = 64240;
    }
    if (plan->flags == WEIR_SYN && s->build == BUILD_MIXED)
        p.tcp.window = 512 + q->i % 4096;
    weir_packet_build(&p, &m->shot.frame);
    m->shot.stream = s;
    m->shot.step = q->step;
    m->shot.egress = plan->side == OUT;
}

static void later(struct weir_march *m, struct step q)
{
    const struct plan *plan = &plans[q.stream->move][q.step];
    __u32 at;

    if (q.step >= 4 || !plan->flags)
        return;
    q.at_ms += plan->after_ms;
    assert(m->last - m->first < PENDING_MAX);
    /* Insertion keeps the queue in order of time; delays are few. */
    for (at = m->last++; at != m->first; at--) {
        struct step *before = &m->pending[(at - 1) % PENDING_MAX];

        if (before->at_ms <= q.at_ms)
            break;
        m->pending[at % PENDING_MAX] = *before;
    }
    m->pending[at % PENDING_MAX] = q;
}

/* Moves that begin in this millisecond. */
static void begin(struct weir_march *m)
{
    for (int i = 0; i < SIEGE_STREAMS; i++) {
        const struct weir_stream *s = &m->siege->stream[i];
        __u32 due;

        if (!s->move || m->ms < s->from_ms || m->ms >= s->to_ms)
            continue;
        due = (__u32)((__u64)s->per_second * (m->ms - s->from_ms + 1) / 1000);
        for (; m->sent[i] < due; m->sent[i]++)
            later(m, (struct step){ m->ms, m->sent[i], s, 0 });
    }
}

const struct weir_shot *weir_march_next(struct weir_march *m)
{
    for (; m->ms < m->siege->ms; m->ms++) {
        m->shot.now_ns = BEGIN_NS + m->ms * MS;
        if (m->swept * 1000 <= m->ms) {
            m->swept++;
            m->shot.stream = NULL;
            return &m->shot;
        }
        begin(m);
        if (m->first != m->last && m->pending[m->first % PENDING_MAX].at_ms <= m->ms) {
            struct step q = m->pending[m->first++ % PENDING_MAX];

            build(m, &q);
            q.step++;
            q.at_ms = m->ms;
            later(m, q);
            return &m->shot;
        }
    }
    return NULL;
}
