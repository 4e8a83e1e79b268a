/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What destinations get, what is usual there, and the floods that they suffer or suffered. */

#include "abi/dest.h"
#include "base/json.h"

#define WEIR_FLOODS_SHOWN 100
#define WEIR_FLOODS_WRITTEN 65536 /* who asks for more is refused */

/* Members "floods_known": how many records there are; "floods": an array of at most max, those with
 * a flood that goes on first, then those with one that is over, then by what is usual. set: n sets,
 * which packets may write meanwhile; clock_offset_ns: of the records' clock to the epoch.
 * 0 or -ENOMEM. */
int weir_floods_write(const struct weir_dest_set *set, uint32_t n, uint64_t clock_offset_ns,
                      size_t max, struct weir_json *j);
