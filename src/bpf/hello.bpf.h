/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Segments that may hold a TLS ClientHello go to user space. With weir_hellos_on 0, the default,
 * none of this is in the program. */

#include "payload.bpf.h"

#include "dataplane/hello.h"

/* Room for the payload in a record of the ring, which has to be a constant. */
#define WEIR_HELLO_SMALL (768 - sizeof(struct weir_hello_event))
#define WEIR_HELLO_MIDDLE (2048 - sizeof(struct weir_hello_event))
#define WEIR_HELLO_LARGE (WEIR_HELLO_BYTES_MAX + 256)

static __always_inline struct weir_hello_place *weir_hello_at(const struct weir_run *r)
{
    __u32 key = (__u32)(r->hash >> 8) & (WEIR_HELLO_PLACES - 1);

    return bpf_map_lookup_elem(&hello_places, &key);
}

/* May the packet be of one? Then its checksum is verified: what the receiver drops says nothing. Of
 * a connection that was found, before it is held against it. */
__noinline int weir_stage_hello_ask(struct weir_run *r)
{
    const struct weir_hello_place *k;
    __u32 off;

    if (!r || !r->p.payload_bytes || r->at >= WEIR_AT_NONE ||
        r->p.tcp_flags & (WEIR_SYN | WEIR_RST))
        return 0;
    off = r->p.payload_off;
    k = weir_hello_at(r);
    if (!weir_window_has(&r->w, off, 1) || weir_window_u8(&r->w, off) == WEIR_TLS_HANDSHAKE ||
        (k && weir_hello_goes_on(k, weir_hello_owner(r->hash, r->at >> 4), r->p.seq)))
        r->hello = 1;
    return 0;
}

/* A record of `room` bytes and what is in front of them. */
static __always_inline void weir_hello_send(void *ctx, __u32 hook, struct weir_run *r,
                                            struct weir_counters *c, const __u32 room)
{
    __u8 *b = bpf_ringbuf_reserve(&hellos, sizeof(r->said) + room, 0);
    __u32 n = r->said.bytes;

    if (!b) {
        c->n[WEIR_COUNTER_LOST_HELLO]++;
        return;
    }
    __builtin_memcpy(b, &r->said, sizeof(r->said));
    barrier_var(n);
    if (n < 1 || n > room || weir_load(ctx, hook, r->p.payload_off, b + sizeof(r->said), n)) {
        c->n[WEIR_COUNTER_LOST_HELLO]++;
        bpf_ringbuf_discard(b, 0);
        return;
    }
    bpf_ringbuf_submit(b, bpf_ringbuf_query(&hellos, BPF_RB_AVAIL_DATA) >= WEIR_RING_WAKE
                              ? BPF_RB_FORCE_WAKEUP
                              : BPF_RB_NO_WAKEUP);
}

static __always_inline int weir_hello_run(void *ctx, __u32 hook, struct weir_run *r,
                                          struct weir_counters *c, bool egress)
{
    struct weir_hello_place *k = weir_hello_at(r);
    __u32 n = r->p.payload_bytes < WEIR_HELLO_LOOK ? r->p.payload_bytes : WEIR_HELLO_LOOK, bytes;

    if (!k || r->at >= WEIR_AT_HALF || r->t.facts & WEIR_FACTS_REFUSED ||
        r->p.traits & WEIR_TRAIT_TCP_CHECKSUM)
        return 0;
    if (!weir_payload_load(ctx, hook, r, 0, n)) {
        c->n[WEIR_COUNTER_LOST_HELLO]++;
        return 0;
    }
    bytes = weir_hello_take(k, weir_hello_owner(r->hash, r->t.side), &r->p, r->piece.b, n);
    if (!bytes)
        return 0;
    if (bytes > WEIR_HELLO_LARGE) /* several segments in one, of tiny records: not put together */
        bytes = WEIR_HELLO_LARGE;
    weir_hello_note(&r->said, &r->p, weir_now(), bytes);
    r->said.source = r->ifindex;
    if (egress)
        r->said.flags |= WEIR_HELLO_EGRESS;
    if (bytes <= WEIR_HELLO_SMALL)
        weir_hello_send(ctx, hook, r, c, WEIR_HELLO_SMALL);
    else if (bytes <= WEIR_HELLO_MIDDLE)
        weir_hello_send(ctx, hook, r, c, WEIR_HELLO_MIDDLE);
    else
        weir_hello_send(ctx, hook, r, c, WEIR_HELLO_LARGE);
    return 0;
}

__noinline int weir_stage_hello_xdp(struct xdp_md *ctx, struct weir_run *r)
{
    struct weir_counters *c = weir_counters_of(WEIR_HOOK_XDP);

    return r && c ? weir_hello_run(ctx, WEIR_HOOK_XDP, r, c, false) : 0;
}

__noinline int weir_stage_hello_tc(struct __sk_buff *ctx, struct weir_run *r, __u32 hook)
{
    struct weir_counters *c = weir_counters_of(hook);

    return r && c ? weir_hello_run(ctx, WEIR_HOOK_TC_INGRESS, r, c, hook == WEIR_HOOK_TC_EGRESS)
                  : 0;
}

/* The packet in r->p passes. */
static __always_inline void weir_hello(void *ctx, __u32 hook, struct weir_run *r)
{
    if (!weir_hellos_on || WEIR_LIKELY(!r->hello))
        return;
    if (hook == WEIR_HOOK_XDP)
        (void)weir_stage_hello_xdp(ctx, r);
    else
        (void)weir_stage_hello_tc(ctx, r, hook);
}
