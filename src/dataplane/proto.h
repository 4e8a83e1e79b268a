/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

#include "dataplane/fn.h"

/* What a protocol says about the next byte of a direction. */
enum weir_step {
    WEIR_STEP_ON,   /* may be */
    WEIR_STEP_SURE, /* it is this protocol; bytes that follow may still break its rules */
    WEIR_STEP_OVER, /* it is, and the rest is no concern of ours */
    WEIR_STEP_DEAD, /* it is not */
};

/* Up to eight characters as a number, the first one lowest. A constant array would do, but clang 14
 * puts small ones of a BPF program into sections that libbpf does not load. */
#define WEIR_TEXT8(a, b, c, d, e, f, g, h)                                                         \
    ((__u64)(a) | (__u64)(b) << 8 | (__u64)(c) << 16 | (__u64)(d) << 24 | (__u64)(e) << 32 |       \
     (__u64)(f) << 40 | (__u64)(g) << 48 | (__u64)(h) << 56)

WEIR_FN __u8 weir_text8(__u64 text, __u8 i)
{
    return (__u8)(text >> (i & 7) * 8);
}
