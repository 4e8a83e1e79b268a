/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* What is remembered of the bytes that a connection carried: for its first WEIR_CONTENT_BYTES in
 * each direction one byte of a keyed hash for every 16 of them. Slots are given out in turn, so
 * that the connections that began last have one; a connection whose slot was given to another is no
 * longer compared. */

#include <linux/types.h>

#define WEIR_CONTENT_BYTES 16384
#define WEIR_CONTENT_CHUNK 16
#define WEIR_CONTENT_SUMS (WEIR_CONTENT_BYTES / WEIR_CONTENT_CHUNK)

/* A segment too short to hold such a piece whole: keystrokes, length fields. */
struct weir_content_short {
    __u16 at;   /* offset in the stream */
    __u8 bytes; /* 0: free */
    __u8 _pad;
    __u32 sum; /* keyed hash of all of it */
};
_Static_assert(sizeof(struct weir_content_short) == 8, "ABI: short content");

#define WEIR_CONTENT_SHORTS 7 /* of each direction, the newest */

struct weir_content_side {
    __u8 sum[WEIR_CONTENT_SUMS]; /* 0: these bytes were not seen */
    struct weir_content_short brief[WEIR_CONTENT_SHORTS];
    __u32 next; /* of brief, modulo */
    __u32 _pad;
};
_Static_assert(sizeof(struct weir_content_side) == 1024 + 64, "ABI: content side");

struct weir_content {
    __u64 owner; /* start_ns of the connection */
    __u64 _pad[7];
    struct weir_content_side side[2]; /* by enum weir_side */
};
_Static_assert(sizeof(struct weir_content) == 64 + 2176, "ABI: content");
