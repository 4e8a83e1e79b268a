/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The compiled policy: what the inspection core asks once per packet that has a hit. Built by
 * src/policy for the rows of one build (WEIR_ROWS says which), never stored. */

#include "abi/detection.h"

enum weir_mode {
    WEIR_MODE_OBSERVE, /* verdicts are computed, counted and reported, nothing is dropped */
    WEIR_MODE_ENFORCE,
    WEIR_MODE_MAX,
};

#define WEIR_ROWS WEIR_ROW_MAX
#define WEIR_ZONES 64 /* zone 0 is the traffic that no zone of the policy matches */

/* Sets of rows are bits, 64 to a word, as in struct weir_rows. */
struct weir_policy {
    __u32 mode;       /* enum weir_mode */
    __u32 rows;       /* WEIR_ROWS of the build that made it: a host refuses another */
    __u64 judged[2];  /* action above OFF */
    __u64 finding[2]; /* action ALERT and above */
    __u64 drop[2];    /* action that drops the packet */
    __u8 action[128]; /* enum weir_action by row */
};
_Static_assert(sizeof(struct weir_policy) == 184, "ABI: policy");
_Static_assert(__builtin_offsetof(struct weir_policy, action) == 56, "ABI: policy action");
