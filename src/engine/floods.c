/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/floods.h"

#include <errno.h>

#include "engine/internal.h"

int weir_engine_floods_write(struct weir_engine *g, bool forget, struct weir_json *j,
                             struct weir_error *e)
{
    const struct weir_dest_set *set;
    uint32_t n;

    if (forget)
        weir_dests_forget(g->loader);
    set = weir_dests_table(g->loader, &n);
    if (weir_floods_write(set, n, g->clock_offset_ns, WEIR_FLOODS_SHOWN, j) < 0)
        return weir_error_set(e, ENOMEM, "no memory");
    return 0;
}
