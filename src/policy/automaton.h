/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* From byte strings to the automaton that the packet path runs. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/automaton.h"
#include "base/error.h"

#define WEIR_PATTERN_BYTES_MAX 255
#define WEIR_PATTERNS_MAX 65535

/* Borrowed. The place in the array is the number that a match reports. */
struct weir_pattern_bytes {
    const uint8_t *data;
    size_t len; /* 1 to WEIR_PATTERN_BYTES_MAX */
};

/* Owned: one block, as abi/automaton.h lays it out. */
struct weir_automaton_image {
    struct weir_automaton *automaton;
    size_t bytes;
};

void weir_automaton_image_free(struct weir_automaton_image *i); /* also for _cleanup_ */

/* Build for patterns[0 .. n). fold: ASCII letters match in either case. epoch: of the set, not 0,
 * another than that of the automaton it replaces. memory: bytes that the image may take, and the
 * work about four times that. -E2BIG when it would not do, -EINVAL for a pattern that cannot be;
 * *ret is untouched then. */
int weir_automaton_build(const struct weir_pattern_bytes *patterns, size_t n, bool fold,
                         uint32_t epoch, size_t memory, struct weir_automaton_image *ret,
                         struct weir_error *e);
