/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Many byte strings at once: an Aho-Corasick automaton as one block of memory, which user space
 * builds (policy/automaton.h) and both hosts run (dataplane/automaton.h). Its layout, and what was
 * measured for the choice of it, is docs/decisions/005-automaton.md.
 *
 * The block is this header and word[] behind it, in three parts:
 *   pairs   from word 0: (classes + 1) rows of classes states. Row: label of a state of at most two
 *           bytes, column: class of the next byte; the longest state of at most two bytes then.
 *   slots   from word `slots`, two words each: owner, next. A state's transitions to states deeper
 *           than two (to deeper than three, of a state deeper than two) stand in slots base +
 * class; rows of different states interleave, so that a slot counts only when its owner is the
 *           state's base. Slot base + classes of a state that ends patterns names the first of its
 *           outputs.
 *   outputs from word `outputs`, two words each: number of a pattern, number of the next output. */

#include <linux/types.h>

struct weir_automaton {
    __u32 epoch;    /* of the pattern set, 1 to WEIR_EPOCH_MAX: what was carried over from another
                     * is void */
    __u32 classes;  /* of bytes that no pattern tells apart, at most 256 */
    __u32 slots;    /* first word of that part; even */
    __u32 outputs;  /* first word of that part; even */
    __u32 words;    /* of word[] */
    __u32 patterns; /* in the set: output numbers are below */
    __u8 class_of[256];
};
_Static_assert(sizeof(struct weir_automaton) == 280, "ABI: automaton");

/* A state is 32 bits, and 0 before the first byte:
 *   31      it ends at least one pattern
 *   30..22  label: 1 + class of the byte that led here, 0 at the root
 *   21..0   base of its slots, 0 when it has none */
#define WEIR_STATE_ACCEPT (1U << 31)
#define WEIR_STATE_LABEL_SHIFT 22
#define WEIR_STATE_LABEL_MASK 511U
#define WEIR_STATE_BASE_MASK ((1U << WEIR_STATE_LABEL_SHIFT) - 1)

/* What is kept of a direction between its segments. Zeros: nothing was scanned yet. */
struct weir_scan_carry {
    __u32 state;
    __u32 mark; /* epoch, and 1 + index of the last two bytes in pairs or 0 */
};
_Static_assert(sizeof(struct weir_scan_carry) == 8, "ABI: scan carry");

#define WEIR_MARK_PAIR_BITS 17 /* 257 * 256 pairs */
#define WEIR_MARK_PAIR_MASK ((1U << WEIR_MARK_PAIR_BITS) - 1)
#define WEIR_EPOCH_MAX ((1U << (32 - WEIR_MARK_PAIR_BITS)) - 1)

#define WEIR_SLOT_FREE 0xffffffffU /* owner of a slot that nobody has */
#define WEIR_OUTPUT_NONE 0xffffffffU
/* Patterns that end at one byte: equal ones and those that end others. Bounds the kernel's walk
 * over them; the builder refuses more. */
#define WEIR_OUTPUT_CHAIN 32
