/* SPDX-License-Identifier: Apache-2.0 */
#include "replay/prefixes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int weir_prefixes_new(struct weir_prefixes *s, size_t n)
{
    *s = (struct weir_prefixes){ .v = n ? calloc(n, sizeof(*s->v)) : NULL };
    return n && !s->v ? -ENOMEM : 0;
}

void weir_prefixes_free(struct weir_prefixes *s)
{
    free(s->v);
    *s = (struct weir_prefixes){ 0 };
}

void weir_prefixes_put(struct weir_prefixes *s, const struct weir_prefix *p)
{
    if (!s->n || !weir_prefix_has(&s->v[s->n - 1], p->addr))
        s->v[s->n++] = *p;
}

bool weir_prefixes_have(const struct weir_prefixes *s, const uint8_t addr[16])
{
    size_t from = 0, to = s->n;

    while (from < to) {
        size_t mid = (from + to) / 2;

        if (memcmp(s->v[mid].addr, addr, 16) <= 0)
            from = mid + 1;
        else
            to = mid;
    }
    return from && weir_prefix_has(&s->v[from - 1], addr);
}
