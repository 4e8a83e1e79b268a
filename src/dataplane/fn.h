/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* How functions of the core are declared: one definition, inlined into either host. */

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#define WEIR_FN static inline __attribute__((always_inline, unused))

/* A stage: its arguments are pointers to structs, which may be NULL, and numbers. The kernel host
 * makes it a global function, which the verifier proves once and alone
 * (docs/decisions/001-stages.md). */
#ifndef WEIR_STAGE
#define WEIR_STAGE static inline __attribute__((unused))
#endif

#define WEIR_LIKELY(x) __builtin_expect(!!(x), 1)
#define WEIR_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* True when every bit of mask is set: a bare `v & mask` also takes a packet with one of them. */
WEIR_FN bool weir_has_all(__u32 v, __u32 mask)
{
    return (v & mask) == mask;
}
