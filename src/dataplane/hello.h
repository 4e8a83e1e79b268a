/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Which segments may hold a TLS ClientHello, told by their first bytes and by what came before.
 * Putting it together is for user space (analytics/hellos.h). */

#include "abi/event.h"
#include "abi/hello.h"
#include "dataplane/pkt.h"
#include "dataplane/proto_tls.h"
#include "dataplane/seq.h"

/* Header of the record, type and length of the message: RFC 8446 5.1, 4. */
#define WEIR_HELLO_LOOK 9
#define WEIR_HELLO_RECORD_HEAD 5
#define WEIR_HELLO_MESSAGE_HEAD 4

/* b: the first n bytes of a segment. */
WEIR_FN bool weir_hello_begins(const __u8 *b, __u32 n)
{
    return n > WEIR_HELLO_RECORD_HEAD && b[0] == WEIR_TLS_HANDSHAKE && b[1] == 3 &&
           b[WEIR_HELLO_RECORD_HEAD] == WEIR_TLS_CLIENT_HELLO;
}

/* Bytes of the stream that it may take, headers of its records counted. */
WEIR_FN __u32 weir_hello_span(const __u8 *b, __u32 n)
{
    __u32 record = (__u32)b[3] << 8 | b[4], message = WEIR_HELLO_BYTES_MAX;

    if (n >= WEIR_HELLO_LOOK)
        message = ((__u32)b[6] << 16 | (__u32)b[7] << 8 | b[8]) + WEIR_HELLO_MESSAGE_HEAD;
    if (message > WEIR_HELLO_BYTES_MAX)
        message = WEIR_HELLO_BYTES_MAX;
    if (WEIR_LIKELY(record >= message))
        return WEIR_HELLO_RECORD_HEAD + message;
    return (WEIR_HELLO_RECORD_HEAD + 1) * message; /* records may be of one byte */
}

/* Of a connection's hash. */
WEIR_FN __u64 weir_hello_owner(__u64 hash, __u32 side)
{
    return hash << 1 | (side & 1);
}

WEIR_FN bool weir_hello_goes_on(const struct weir_hello_place *k, __u64 owner, __u32 seq)
{
    return k->owner == owner && k->left && weir_before(seq, k->until);
}

/* How many bytes of the segment, from its first, go to user space. b: its first n bytes. A hello
 * takes the place of another that waits there: the newer one is more likely to go on. */
WEIR_FN __u32 weir_hello_take(struct weir_hello_place *k, __u64 owner, const struct weir_pkt *p,
                              const __u8 *b, __u32 n)
{
    __u32 bytes;

    if (weir_hello_begins(b, n)) {
        k->owner = owner;
        k->until = p->seq + weir_hello_span(b, n);
        k->left = WEIR_HELLO_SEGMENTS;
    } else if (!weir_hello_goes_on(k, owner, p->seq)) {
        return 0;
    }
    k->left--;
    bytes = k->until - p->seq;
    return bytes < p->payload_bytes ? bytes : p->payload_bytes;
}

WEIR_FN void weir_hello_note(struct weir_hello_event *ev, const struct weir_pkt *p, __u64 ts_ns,
                             __u32 bytes)
{
    __builtin_memset(ev, 0, sizeof(*ev));
    ev->abi = WEIR_ABI;
    ev->len = sizeof(*ev);
    ev->type = WEIR_EVENT_HELLO;
    ev->ts_ns = ts_ns;
    __builtin_memcpy(ev->src, p->src, sizeof(ev->src));
    __builtin_memcpy(ev->dst, p->dst, sizeof(ev->dst));
    ev->seq = p->seq + !!(p->tcp_flags & WEIR_SYN);
    ev->bytes = bytes;
    ev->sport = p->sport;
    ev->dport = p->dport;
    ev->ip_version = p->ip_version;
    ev->frame_bytes = p->frame_bytes;
    ev->ack = p->ack;
    ev->window = p->window;
    ev->ip_id = p->ip_id;
    ev->ttl = p->ttl;
    ev->tcp_flags = p->tcp_flags;
    if (p->vlans) {
        ev->vlan = p->vlan[0];
        ev->flags = WEIR_HELLO_TAGGED;
    }
}
