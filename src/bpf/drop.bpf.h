/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A record of a dropped packet, when the operator asked for them: with weir_drop_events 0, the
 * default, none of this is in the program. */

#include "report.bpf.h"

/* Is there room for one more in this second, of this CPU and hook? The rest is counted. */
static __always_inline bool weir_drop_allowed(struct weir_run *r, struct weir_counters *c)
{
    __u64 second = weir_now_coarse(r) >> 30; /* 1.07 s: no division */

    if (r->drop_second != second) {
        r->drop_second = second;
        r->drop_allowance = weir_drop_events;
    }
    if (r->drop_allowance) {
        r->drop_allowance--;
        return true;
    }
    r->drop_suppressed++;
    c->n[WEIR_COUNTER_LOST_DROP]++;
    return false;
}

/* r->p is parsed, r->d decided where the reason is a detection. */
__noinline int weir_stage_drop(struct weir_run *r, __u32 hook, __u32 reason)
{
    struct weir_counters *c = weir_counters_of(hook);
    struct weir_event *ev;

    if (!r || !c)
        return 0;
    ev = weir_event_reserve(c, false);
    if (!ev)
        return 0;
    weir_event_packet(ev, &r->p, weir_now());
    weir_event_drop(ev, &r->p, &r->w, reason);
    if (reason == WEIR_DROP_DETECTION)
        ev->detection = weir_row_id(r->d.row);
    if (hook == WEIR_HOOK_TC_EGRESS)
        ev->flags |= WEIR_EVENT_EGRESS;
    ev->evidence[WEIR_DROP_SUPPRESSED] = r->drop_suppressed;
    ev->source = r->ifindex;
    r->drop_suppressed = 0;
    weir_event_submit(ev, false);
    return 0;
}

static __always_inline void weir_drop_log(struct weir_run *r, struct weir_counters *c, __u32 hook,
                                          __u32 reason)
{
    if (weir_drop_events && weir_drop_allowed(r, c))
        (void)weir_stage_drop(r, hook, reason);
}
