/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Keyed hashes for tables whose keys an attacker chooses. NH (UMAC, RFC 4418 5.2): a sum of
 * products of key-shifted 32-bit words; two different inputs collide with probability 2^-32 for
 * whoever does not know the key, whatever they choose. Its multiplications do not wait for one
 * another, which makes it about the cheapest keyed hash of 36 bytes that BPF can do (no 128-bit
 * product, no rotation). */

#include "abi/flow.h"
#include "dataplane/pkt.h"
#include "dataplane/window.h"

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
