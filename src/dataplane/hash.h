/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Keyed hashes for tables whose keys an attacker chooses. NH (UMAC, RFC 4418 5.2): a sum of
 * products of key-shifted 32-bit words; two different inputs collide with probability 2^-32 for
 * whoever does not know the key, whatever they choose. Its multiplications do not wait for one
 * another, which makes it about the cheapest keyed hash of 36 bytes that BPF can do (no 128-bit
 * product, no rotation). */

#include "abi/flow.h"
#include "dataplane/icmp.h"

WEIR_FN __u64 weir_nh(__u32 a, __u32 b, __u32 ka, __u32 kb)
{
    return (__u64)(__u32)(a + ka) * (__u32)(b + kb);
}

/* Spread what NH leaves in the high bits (finalizer of MurmurHash3, fmix64, one round). */
WEIR_FN __u64 weir_hash_mix(__u64 h)
{
    h ^= h >> 32;
    h *= 0xff51afd7ed558ccdULL;
    return h ^ h >> 29;
}

/* One end of a connection: address and port. */
WEIR_FN __u64 weir_hash_end(const struct weir_hash_key *k, const __u8 addr[16], __u32 port,
                            bool ip4)
{
    __u32 w[4];
    __u64 h;

    __builtin_memcpy(w, addr, sizeof(w));
    h = weir_nh(w[3], port, k->word[0], k->word[1]);
    if (!ip4) {
        h += weir_nh(w[0], w[1], k->word[2], k->word[3]);
        h += weir_nh(w[2], k->word[4], k->word[5], k->word[6]);
    }
    return weir_hash_mix(h);
}

/* The connection of a packet, the same for both directions: each end is mixed before the sum, so
 * that no choice of ends makes the sum meet by algebra. */
WEIR_FN __u64 weir_hash_flow(const struct weir_hash_key *k, const __u8 src[16], const __u8 dst[16],
                             __u16 sport, __u16 dport, bool ip4)
{
    __u64 h = weir_hash_end(k, src, sport, ip4) + weir_hash_end(k, dst, dport, ip4);

    return weir_hash_mix(h + k->word[7]);
}

/* Tells the network a packet was in: tunnels hold address spaces of their own, and who stands at a
 * tunnel's end sees a packet in it and again outside of it. Of their numbers those count that are
 * the same in both directions. */
WEIR_FN __u64 weir_hash_network(const struct weir_pkt *p)
{
    const struct weir_outside *o = &p->outside;
    __u64 kinds = (__u64)o->kind[0] << 8 | o->kind[1];
    bool numbered = o->opened == WEIR_TUNNEL_VXLAN || o->opened == WEIR_TUNNEL_GENEVE;

    return kinds << 32 | (numbered ? o->id : 0);
}

WEIR_FN __u64 weir_hash_inside(__u64 h, const struct weir_pkt *p)
{
    return WEIR_LIKELY(!p->tunnels) ? h : weir_hash_mix(h + weir_hash_network(p));
}

WEIR_FN __u64 weir_hash_packet(const struct weir_hash_key *k, const struct weir_pkt *p)
{
    return weir_hash_inside(
        weir_hash_flow(k, p->src, p->dst, p->sport, p->dport, p->ip_version == 4), p);
}

/* q: what p quotes. */
WEIR_FN __u64 weir_hash_quote(const struct weir_hash_key *k, const struct weir_quote *q,
                              const struct weir_pkt *p)
{
    return weir_hash_inside(
        weir_hash_flow(k, q->src, q->dst, q->sport, q->dport, p->ip_version == 4), p);
}
