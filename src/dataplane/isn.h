/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* What the initial sequence numbers of a host look like, over the differences of neighbours in
 * time. */

#include "dataplane/fn.h"

struct weir_isn_look {
    __u32 step; /* greatest common divisor of the differences; 0: they are all zero */
    __u32 bits; /* of the narrowest range that holds four fifths of them, less what a clock adds */
};
