/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A long list of a policy: is an address in it? */

#include "base/addr.h"

struct weir_prefixes {
    struct weir_prefix *v; /* owned; in the order of their addresses, none inside another */
    size_t n;
};

/* Room for n of them. -ENOMEM. */
int weir_prefixes_new(struct weir_prefixes *s, size_t n);
void weir_prefixes_free(struct weir_prefixes *s); /* also for _cleanup_ */
/* They come sorted by address and length. */
void weir_prefixes_put(struct weir_prefixes *s, const struct weir_prefix *p);
bool weir_prefixes_have(const struct weir_prefixes *s, const uint8_t addr[16]);
