/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* What user space tells the running programs, field by field through a shared mapping: each field
 * stands alone, so that no order of writes can be wrong for longer than one packet. */

#include "abi/flow.h"

#define WEIR_OWN_BLOOM_WORDS 8
#define WEIR_OWN_MAX 1024 /* addresses of this machine */
/* Values of the map inbound. */
#define WEIR_INBOUND_JUDGED 1U
#define WEIR_INBOUND_DEAF 2U  /* what XDP sends back there is lost */
#define WEIR_INBOUND_MAX 4096 /* interfaces: those attached, and those stacked on them */

struct weir_control {
    __u32 bans4; /* may the map of that name hold anything? With 0 the packet path does not look */
    __u32 bans6;
    __u32 prefixes4;
    __u32 prefixes6; /* WEIR_PREFIXES_* */
    __u32 allows;
    __u32 cookie_s; /* clock >> 30 of the newest cookie, written by packets; 0: none yet */
    __u64 own_bloom[WEIR_OWN_BLOOM_WORDS]; /* weir_own_bit() of every own address */
    __u64 test_now_ns;                     /* the clock, when rodata says so */
    __u64 test_random;
    __u64 settled_ns; /* until then what looks out of place may be older than weir: not dropped */
    struct weir_hash_key hash_key; /* of the tables; drawn when they are made, kept with them */
    __u32 content_next;            /* slots of contents given out */
    __u32 _pad_end;
};
_Static_assert(sizeof(struct weir_control) == 168, "ABI: control");

/* Bit of an address in own_bloom, from its last four bytes as loaded natively: hosts of a network
 * differ there. 512 bits; 20 own addresses let through 4 % of strangers to the exact look-up. */
static inline __attribute__((always_inline, unused)) __u32 weir_own_bit(__u32 tail)
{
    return tail * 0x9e3779b1U >> 23;
}
