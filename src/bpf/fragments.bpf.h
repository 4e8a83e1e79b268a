/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Fragments of a datagram against one another. */

#include "glue.bpf.h"

static __always_inline struct weir_fragments *weir_fragments_at(__u64 owner, __u32 way)
{
    __u32 key = weir_fragments_place(owner, way, WEIR_FRAGMENTS - 1);

    return bpf_map_lookup_elem(&fragments, &key);
}

/* The datagram's entry, an entry taken for it, or NULL. */
static __always_inline struct weir_fragments *weir_fragments_entry(__u64 owner, __u32 tick)
{
    for (__u32 way = 0; way < WEIR_FRAGMENTS_WAYS; way++) {
        struct weir_fragments *f = weir_fragments_at(owner, way);

        if (f && weir_fragments_is(f, owner, tick))
            return f;
    }
    for (__u32 way = 0; way < WEIR_FRAGMENTS_WAYS; way++) {
        struct weir_fragments *f = weir_fragments_at(owner, way);

        if (f && weir_fragments_free(f, tick) && weir_fragments_claim(f, owner, tick))
            return f;
    }
    return NULL;
}

__noinline int weir_stage_fragment(struct weir_run *r, __u32 hook)
{
    struct weir_counters *c = weir_counters_of(hook);
    struct weir_fragments *f;

    if (!r || !c)
        return 0;
    r->t.tick = (__u32)(weir_now_coarse(r) >> WEIR_TICK_SHIFT);
    f = weir_fragments_entry(weir_fragments_owner(&control.hash_key, &r->p), r->t.tick);
    if (!f || weir_fragments_note(&r->t, f, &r->p))
        c->n[WEIR_COUNTER_LOST_FRAGMENT]++;
    return 0;
}
