/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Settings to what a host of the core reads. */

#include "policy/settings.h"

/* Index of an interface by its name; 0: there is none now, and a zone that names it matches
 * nothing. NULL: no interface has a name here (replay). */
typedef uint32_t (*weir_ifindex_fn)(const char *name);

void weir_settings_compile(const struct weir_settings *s, weir_ifindex_fn ifindex,
                           struct weir_image *ret);
/* Rows that any zone judges in any mode: what programs must not leave out. */
void weir_image_judged(const struct weir_image *image, uint64_t ret[2]);
