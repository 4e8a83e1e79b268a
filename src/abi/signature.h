/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* What policy says about a pattern (payload.patterns). Signatures stand behind the automaton that
 * finds them, from its word `words` on, in the order of its patterns: one block is replaced, and
 * the two never disagree. */

#include "abi/automaton.h"

/* An automaton with its signatures. Every value of the kernel's map is as large, and larger ones an
 * array map of kernel 6.1 does not take (KMALLOC_MAX_SIZE). */
#define WEIR_PATTERNS_BYTES (4U << 20)
#define WEIR_PATTERNS_WORDS                                                                        \
    ((__u32)((WEIR_PATTERNS_BYTES - sizeof(struct weir_automaton)) / sizeof(__u32) & ~1U))

enum weir_signature_action {
    WEIR_SIGNATURE_COUNT,
    WEIR_SIGNATURE_ALERT,
    WEIR_SIGNATURE_DROP,
    WEIR_SIGNATURE_ACTIONS,
};

enum weir_signature_direction {
    WEIR_SIGNATURE_ANY,
    WEIR_SIGNATURE_TO_SERVER,
    WEIR_SIGNATURE_TO_CLIENT,
    WEIR_SIGNATURE_DIRECTIONS,
};

#define WEIR_SIGNATURE_PORTS 8

struct weir_signature {
    __u32 number;   /* place in the policy's list, from 1 */
    __u8 action;    /* enum weir_signature_action */
    __u8 direction; /* enum weir_signature_direction */
    __u8 ports;     /* of the server; 0: any */
    __u8 _pad;
    __u16 port[WEIR_SIGNATURE_PORTS];
};
_Static_assert(sizeof(struct weir_signature) == 24, "ABI: signature");
#define WEIR_SIGNATURE_WORDS 6
