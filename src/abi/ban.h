/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Bans, deny lists and the allow list as the packet path reads them. That allow beats everything is
 * resolved by whoever writes these maps: an allowed address has no exact ban, and an allowed prefix
 * inside a denied one is an entry of its own, which is longer and wins. */

#include <linux/types.h>

enum weir_ban_kind {
    WEIR_BAN_NONE,  /* no entry, or one that does not hold for this packet */
    WEIR_BAN_ALLOW, /* a hole in a denied prefix */
    WEIR_BAN_BAN,   /* entered by an operator or a detection, mostly for a time */
    WEIR_BAN_DENY,  /* from a deny list of the policy */
    WEIR_BAN_MAX,
};

enum weir_ban_scope {
    WEIR_SCOPE_ALL, /* every IP packet from the source */
    WEIR_SCOPE_TCP, /* its TCP packets and fragments of them */
    WEIR_SCOPE_NEW, /* its SYNs: what is open goes on, and another who is forged loses no more */
    WEIR_SCOPE_MAX,
};

/* struct weir_ban.reason: 1 to 511 is the enum weir_detection that asked for the ban. */
#define WEIR_REASON_OPERATOR 0
#define WEIR_REASON_LIST 512 /* plus the number of the deny list in the policy */

/* Small, because what a dropped packet costs is mostly the cache lines of its entry. */
struct weir_ban {
    __u32 expires_s; /* seconds of the monotonic clock; 0: never */
    __u32 since_s;   /* likewise */
    __u16 reason;
    __u8 kind;  /* enum weir_ban_kind */
    __u8 scope; /* enum weir_ban_scope */
    __u32 _pad;
    __u64 packets; /* that met it, in either mode. Counted without an atomic, which would cost 8 ns
                    * a packet: of two CPUs at once one counts. struct weir_counters is exact. */
};
_Static_assert(sizeof(struct weir_ban) == 24, "ABI: ban");

struct weir_ip6 {
    __u8 addr[16];
};

/* Keys of the prefix maps, address as on the wire and masked; of the allow list, which is a
 * longest-prefix map, in the layout that the kernel prescribes. */
struct weir_prefix4 {
    __u32 bits;
    __u8 addr[4];
};
struct weir_prefix6 {
    __u32 bits;
    __u8 addr[16];
};
_Static_assert(sizeof(struct weir_ip6) == 16, "ABI: IPv6 address");
_Static_assert(sizeof(struct weir_prefix4) == 8, "ABI: IPv4 prefix");
_Static_assert(sizeof(struct weir_prefix6) == 20, "ABI: IPv6 prefix");
