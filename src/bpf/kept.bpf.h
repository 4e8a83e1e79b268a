/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

enum weir_first {
    WEIR_FIRST_OF_SOURCE = 1,
    WEIR_FIRST_OF_TARGET,
};

/* What a run remembers for the evidence ring: what evidence is to say of the packet. */
struct weir_kept {
    __u32 row; /* of the finding, else WEIR_ROWS */
    __u8 action;
    __u8 drop;   /* enum weir_drop_reason, when it is dropped */
    __u8 would;  /* be dropped, in enforce mode */
    __u8 first;  /* enum weir_first, of an incident */
    __u8 begun;  /* a watch begins with it */
    __u8 target; /* that watch is of where it goes */
    __u8 passed; /* not judged here: unreadable, or judged where it came in; or its answer now */
};
