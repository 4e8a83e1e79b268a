/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Which record of the service table a packet is counted in, and whether one is made for it. */

#include "abi/dest.h"
#include "dataplane/hash.h"
#include "dataplane/set.h"
#include "dataplane/sketch.h"
#include "dataplane/track.h"

/* Backlog of a listener that nobody knows: a gateway, a capture. Linux'
 * net.ipv4.tcp_max_syn_backlog on a machine with little memory, and what DETECTIONS 1.1 takes. */
#define WEIR_BACKLOG_UNKNOWN 1024
#define WEIR_SYN_LIMIT_LEAST WEIR_RATE(1000)

/* Whom the packet is counted for. */
struct weir_dest_key {
    __u8 addr[16];
    __u16 port;
    __u8 kind;
    __u8 ip4;
};

WEIR_FN void weir_dest_key_set(struct weir_dest_key *k, const __u8 addr[16], __u32 port,
                               enum weir_dest_kind kind, bool ip4)
{
    __builtin_memcpy(k->addr, addr, sizeof(k->addr));
    k->port = (__u16)port;
    k->kind = (__u8)kind;
    k->ip4 = ip4;
}

/* Make it the key of the network that the address is in: IPv4 /24, IPv6 /64. */
WEIR_FN void weir_dest_key_net(struct weir_dest_key *k)
{
    k->kind = WEIR_DEST_NET;
    k->port = 0;
    if (k->ip4)
        k->addr[15] = 0;
    else
        __builtin_memset(k->addr + 8, 0, 8);
}

WEIR_FN __u64 weir_dest_hash(const struct weir_hash_key *secret, const struct weir_dest_key *k)
{
    return weir_hash_end(secret, k->addr, k->port | (__u32)k->kind << 16, k->ip4);
}

WEIR_FN bool weir_dest_is(const struct weir_dest *s, const struct weir_dest_key *k)
{
    __u64 a[2], b[2];

    __builtin_memcpy(a, s->addr, sizeof(a));
    __builtin_memcpy(b, k->addr, sizeof(b));
    return !((a[0] ^ b[0]) | (a[1] ^ b[1]) | (__u64)(s->port ^ k->port) |
             (__u64)(s->kind ^ k->kind));
}

/* The way of the record, WEIR_WAYS without one. */
WEIR_STAGE int weir_dest_find(const struct weir_dest_set *set, const struct weir_dest_key *k,
                              __u32 tag)
{
    if (!set || !k)
        return WEIR_WAYS;
    for (__u32 i = 0; i < WEIR_WAYS; i++) {
        __u32 way = (tag + i) & (WEIR_WAYS - 1);

        if (set->ways.tag[way] == tag && weir_dest_is(&set->service[way], k))
            return (int)way;
    }
    return WEIR_WAYS;
}

WEIR_FN void weir_dest_begin(struct weir_dest *s, const struct weir_dest_key *k, __u32 tick)
{
    /* In two, which the fence keeps apart: clang's BPF target clears 1 KiB at most. */
    __builtin_memset(s, 0, 1024);
    __asm__ volatile("" ::: "memory");
    __builtin_memset((__u8 *)s + 1024, 0, sizeof(*s) - 1024);
    __builtin_memcpy(s->addr, k->addr, sizeof(s->addr));
    s->port = k->port;
    s->kind = k->kind;
    s->slot = tick >> WEIR_SLOT_SHIFT;
    s->half_at = tick >> 12;
    s->backlog = WEIR_BACKLOG_UNKNOWN;
    s->half_limit = WEIR_BACKLOG_UNKNOWN / 2;
    s->syn_limit = WEIR_SYN_LIMIT_LEAST;
    s->syn_ceiling = WEIR_SYN_LIMIT_LEAST / 2 * 16;
    s->ceiling_at = tick;
}

/* What the record is worth: see weir_dest_admit(). */
WEIR_FN enum weir_class weir_dest_class(const struct weir_dest *s)
{
    bool proven = s->kind != WEIR_DEST_SERVICE || s->surging || s->state != WEIR_DEST_NORMAL ||
                  s->flags & (WEIR_DEST_SERVED | WEIR_DEST_ANSWERS);

    return proven ? WEIR_CLASS_PROVEN : WEIR_CLASS_STRAY;
}

/* A record for a key that has none. Who only asks never takes the place of one that answered: `c`
 * is STRAY for what is asked for, PROVEN for what was seen to answer or is known to be ours. The
 * host then fills in s->base. WEIR_WAYS: no room; *ret_evicted: another one had to go. */
WEIR_STAGE int weir_dest_admit(struct weir_dest_set *set, const struct weir_dest_key *k, __u32 tag,
                               __u32 c, __u32 tick)
{
    __u32 way, evicted;

    if (!set || !k)
        return WEIR_WAYS;
    way = weir_set_claim(&set->ways, tag, (enum weir_class)c, tick, &evicted);
    if (way >= WEIR_WAYS)
        return WEIR_WAYS;
    way &= WEIR_WAYS - 1;
    weir_dest_begin(&set->service[way], k, tick);
    weir_set_touch(&set->ways, way, (enum weir_class)c, tick);
    return (int)(evicted ? way + 2 * WEIR_WAYS : way);
}
