/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A table or ring of our own had no room: from here on less is seen than there is. Half-open
 * records that give way to newer ones do not count: turning over is what that table is for.
 * Suricata: tcp.memuse, memcap_state. */
#include "dataplane/hit.h"
#include "dataplane/pressure.h"

WEIR_FN enum weir_hit weir_detect_health_table_pressure(const struct weir_pressure *w,
                                                        struct weir_evidence *e)
{
    if (!(w->evicted | w->untracked | w->events))
        return WEIR_MISS;
    weir_evidence_set(e, weir_pressure_value(w->evicted), weir_pressure_value(w->untracked),
                      weir_pressure_value(w->events));
    return WEIR_HIT;
}
