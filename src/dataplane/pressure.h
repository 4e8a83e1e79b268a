/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* What a host lost since it last looked, because a table or a ring had no room. */

#include "dataplane/fn.h"

struct weir_pressure {
    __u64 evicted;   /* established connections whose record was taken */
    __u64 untracked; /* packets without a record: their set was full of better ones */
    __u64 events;    /* events and end-of-flow records: the ring was full */
};

/* An evidence value has 32 bits: the largest when there were more. */
WEIR_FN __u32 weir_pressure_value(__u64 n)
{
    return n > 0xffffffffU ? 0xffffffffU : (__u32)n;
}
