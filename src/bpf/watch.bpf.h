/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Evidence, its rare half: an incident begins, and its source is watched from now on. */

#include "glue.bpf.h"

#define WEIR_WATCHES_A_SECOND 8 /* of each CPU and hook */

static __always_inline struct weir_watch *weir_watch_at(__u32 place)
{
    return bpf_map_lookup_elem(&watches, &place);
}

/* May this CPU and hook begin another one in this second? What a watch costs, in copied packets and
 * in files, must not grow with the number of sources. */
static __always_inline bool weir_watch_allowed(struct weir_run *r, __u64 now)
{
    __u64 second = now >> 30; /* 1.07 s: no division */

    if (r->watch_second != second) {
        r->watch_second = second;
        r->watch_allowance = WEIR_WATCHES_A_SECOND;
    }
    if (!r->watch_allowance)
        return false;
    r->watch_allowance--;
    return true;
}

/* The packet is the first of an incident: watch r->p's source, or its target. Called when it has
 * its verdict, not where the incident is found: that is the end of the longest chain of calls,
 * which has no stack to spare. */
__noinline int weir_stage_watch(struct weir_run *r, __u32 hook)
{
    struct weir_counters *c = weir_counters_of(hook);
    enum weir_watch_begin begun = WEIR_WATCH_REFUSED;
    struct weir_watch *w;
    struct weir_ip6 addr;
    __u64 now;

    if (!r || !c)
        return 0;
    now = weir_now();
    r->kept.target = r->kept.first == WEIR_FIRST_OF_TARGET;
    __builtin_memcpy(&addr, r->kept.target ? r->p.dst : r->p.src, sizeof(addr));
    w = weir_watch_at(weir_watch_place(&control.hash_key, addr.addr, r->p.ip_version == 4));
    r->kept.first = 0;
    if (w && weir_watch_allowed(r, now))
        begun = weir_watch_begin(w, addr.addr, now, weir_evidence_packets);
    if (begun == WEIR_WATCH_REFUSED)
        c->n[WEIR_COUNTER_LOST_WATCH]++;
    if (begun != WEIR_WATCH_BEGUN)
        return 0;
    r->kept.begun = 1;
    *(volatile __u64 *)&weir_watch_until = now + WEIR_WATCH_NS;
    return 0;
}
