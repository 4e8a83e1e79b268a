/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Conversations nobody wrote: each move is a few bytes that say who sends what, in terms of where
 * the connection stands, so that random bytes reach deep. Header-only, for fuzz_talk and for
 * tests/prog/talks.c. */

#include "harness/talker.h"

#define WEIR_MOVE_BYTES 14
#define WEIR_MOVE_FRAME 2048
#define WEIR_MOVE_CLIENT_PORT 40000
#define WEIR_MOVE_SERVER_PORT 80

/* Added to all numbers and timestamps of a side, as struct weir_talk_shift. */
struct weir_move_shift {
    __u32 number[WEIR_SIDES];
    __u32 clock[WEIR_SIDES];
};

struct weir_move {
    __u8 b[WEIR_MOVE_FRAME];
    __u32 bytes;
    bool server;
    bool zero; /* a number or timestamp is 0, which means something of its own */
    __u64 after_ns;
};

static inline void weir_move_put(__u8 *at, __u32 v, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--, v >>= 8)
        at[i] = (__u8)v;
}

static inline __u16 weir_move_get16(const __u8 *at)
{
    return (__u16)(at[0] << 8 | at[1]);
}

/* The record of the talker's one connection, or NULL. */
static inline struct weir_flow *weir_move_flow(struct weir_talker *k)
{
    for (int i = 0; i < WEIR_WAYS; i++)
        if (k->flow_ways.tag[i])
            return &k->flows.flow[i];
    for (int i = 0; i < WEIR_WAYS; i++)
        if (k->half_ways.tag[i])
            return &k->half.flow[i];
    return NULL;
}

/* A number of side `own` that matters, chosen by mode. */
static inline __u32 weir_move_number(const struct weir_flow *f, int own, __u32 mode, __u32 raw,
                                     const struct weir_move_shift *shift)
{
    const __u32 fallback = shift->number[own] + raw;
    const struct weir_flow_side *s, *r;

    if (!f || (mode & 7) == 7)
        return fallback;
    own ^= f->sport != WEIR_MOVE_CLIENT_PORT; /* sides were guessed the other way round */
    s = &f->side[own];
    r = &f->side[!own];
    if (!(s->flags & WEIR_SIDE_SEEN))
        return r->flags & WEIR_SIDE_ACKED ? r->ack : fallback;
    switch (mode & 7) {
    case 0:
    case 1:
        return s->end;
    case 2:
        return s->isn;
    case 3:
        return s->isn + 1;
    case 4:
        return r->flags & WEIR_SIDE_ACKED ? r->ack : s->end;
    case 5:
        return r->flags & WEIR_SIDE_ACKED ? r->edge : s->end;
    default:
        return s->close ? s->close : s->end;
    }
}

static inline __u32 weir_move_options(struct weir_move *m, __u8 *at, const __u8 *in, int own,
                                      __u32 ack, const struct weir_move_shift *shift)
{
    static const __u8 syn[] = { 2, 4, 5, 180, 3, 3, 7, 1, 4, 2, 1, 1 };
    static const __u8 fast[] = { 34, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1 };
    __u32 n = 0, clock = 100000 + weir_move_get16(in + 12) * 40, echo = 100000;

    if (in[10] & 1) {
        memcpy(at, syn, sizeof(syn));
        n = sizeof(syn);
    }
    if (in[10] & 2) {
        clock += shift->clock[own];
        echo += shift->clock[!own];
        m->zero |= !clock || !echo;
        weir_move_put(at + n, 0x0101080a, 4);
        weir_move_put(at + n + 4, clock, 4);
        weir_move_put(at + n + 8, echo, 4);
        n += 12;
    }
    if (in[10] & 4 && n <= 28) {
        weir_move_put(at + n, 0x0101050a, 4);
        weir_move_put(at + n + 4, ack + in[11], 4);
        weir_move_put(at + n + 8, ack + in[11] + 1000, 4);
        n += 12;
    }
    if (in[10] & 8 && n <= 28) {
        memcpy(at + n, fast, sizeof(fast));
        n += sizeof(fast);
    }
    return n;
}

static inline __u16 weir_move_sum(const __u8 *b, __u32 n, __u64 sum)
{
    for (__u32 i = 0; i < n; i += 2)
        sum += (__u32)(b[i] << 8 | (i + 1 < n ? b[i + 1] : 0));
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (__u16)~sum;
}

/* WEIR_MOVE_BYTES of input make one Ethernet frame with IPv4 and TCP, whole and well summed. */
static inline void weir_move_build(struct weir_move *ret, struct weir_talker *k, const __u8 *in,
                                   const struct weir_move_shift *shift)
{
    static const __u64 pauses[] = { 10000000, 0, 1500000000, 61000000000 };
    const struct weir_flow *f = weir_move_flow(k);
    struct weir_move *m = ret;
    int own = in[0] & 1;
    __u8 *ip = m->b + 14, *tcp = ip + 20;
    __u32 seq, ack, options, payload = in[9] & 0x80 ? 0 : (in[9] & 0x7f) * 11U, total;

    memset(m, 0, sizeof(*m));
    m->server = own;
    m->after_ns = pauses[in[0] >> 1 & 3];
    seq = weir_move_number(f, own, in[2], weir_move_get16(in + 3), shift) +
          (__u32)(__s16)weir_move_get16(in + 3);
    ack = weir_move_number(f, !own, in[2] >> 4, weir_move_get16(in + 5), shift) +
          (__u32)(__s16)weir_move_get16(in + 5);
    if (!(in[1] & WEIR_ACK))
        ack = 0;
    m->zero = !seq || (in[1] & WEIR_ACK && !ack);
    options = weir_move_options(m, tcp + 20, in, own, ack, shift);
    memset(tcp + 20 + options, 'a' + in[0] / 16, payload);
    total = 20 + 20 + options + payload;
    m->bytes = 14 + total;
    weir_move_put(m->b, 0x02000000, 4);
    weir_move_put(m->b + 4, own, 2);
    weir_move_put(m->b + 6, 0x02000000, 4);
    weir_move_put(m->b + 10, !own, 2);
    weir_move_put(m->b + 12, 0x0800, 2);
    weir_move_put(ip, 0x45000000 | total, 4);
    weir_move_put(ip + 8, 0x4006, 2);
    weir_move_put(ip + 12, own ? 0xcb00710a : 0xc0000202, 4); /* 203.0.113.10, 192.0.2.2 */
    weir_move_put(ip + 16, own ? 0xc0000202 : 0xcb00710a, 4);
    weir_move_put(ip + 10, weir_move_sum(ip, 20, 0), 2);
    weir_move_put(tcp, own ? WEIR_MOVE_SERVER_PORT : WEIR_MOVE_CLIENT_PORT, 2);
    weir_move_put(tcp + 2, own ? WEIR_MOVE_CLIENT_PORT : WEIR_MOVE_SERVER_PORT, 2);
    weir_move_put(tcp + 4, seq, 4);
    weir_move_put(tcp + 8, ack, 4);
    tcp[12] = (__u8)((20 + options) / 4 << 4);
    tcp[13] = in[1] & 0x3f;
    weir_move_put(tcp + 14, weir_move_get16(in + 7), 2);
    weir_move_put(
        tcp + 16,
        weir_move_sum(tcp, total - 20, 6 + total - 20 + 0xcb00 + 0x710a + 0xc000 + 0x0202), 2);
}
