/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Many tiny segments in a row: how a sender keeps what it says out of any single packet (the idea
 * of Snort's 129:12, which leaves both numbers to its user). */

#include "dataplane/fn.h"

#define WEIR_TINY_BYTES 8   /* the largest that is tiny (design) */
#define WEIR_TINY_SERIES 16 /* in a row (design) */

/* Note a segment with payload that is new and in order; *series is kept with its direction. True
 * from the WEIR_TINY_SERIES-th in a row on. */
WEIR_FN bool weir_tiny_note(__u8 *series, __u32 payload_bytes)
{
    if (payload_bytes > WEIR_TINY_BYTES) {
        *series = 0;
        return false;
    }
    if (*series < WEIR_TINY_SERIES)
        (*series)++;
    return *series == WEIR_TINY_SERIES;
}
