/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Sources: the tables for a contact or its outcome. */

#include "conn.bpf.h"

/* r->contact into the record of its source, if it has one or gets one. */
__noinline int weir_stage_source(struct weir_run *r, __u32 hook)
{
    struct weir_counters *c = weir_counters_of(hook);
    struct weir_ways *ways;
    struct weir_source_set *set;
    struct weir_gate *gate;
    __u32 key, way;

    if (!r || !c)
        return 0;
    key = weir_set_index(r->contact.hash, weir_source_mask);
    ways = bpf_map_lookup_elem(&source_ways, &key);
    set = bpf_map_lookup_elem(&sources, &key);
    if (!ways || !set)
        return 0;
    way = (__u32)weir_source_find(ways, set, &r->contact);
    if (way >= WEIR_WAYS) {
        if (!weir_contact_admits(&r->contact))
            return 0;
        key = weir_set_index(r->contact.hash, weir_gate_mask);
        gate = bpf_map_lookup_elem(&gates, &key);
        if (!gate || !weir_gate_pass(gate, &r->contact, r->t.tick))
            return 0;
        way = (__u32)weir_source_admit(ways, set, &r->contact, r->t.tick);
        if (way == WEIR_WAYS) {
            c->n[WEIR_COUNTER_LOST_SOURCE]++;
            return 0;
        }
        c->n[WEIR_COUNTER_SOURCE_NEW]++;
        if (way > WEIR_WAYS)
            c->n[WEIR_COUNTER_SOURCE_EVICTED]++;
    }
    way &= WEIR_WAYS - 1;
    (void)weir_source_note(&r->t, &set->source[way], &r->contact);
    weir_set_touch(ways, way, weir_source_class(&set->source[way]), r->t.tick);
    return 0;
}

/* r->contact into the record of its target. */
__noinline int weir_stage_target(struct weir_run *r, __u32 hook)
{
    struct weir_counters *c = weir_counters_of(hook);
    struct weir_target *target;
    struct weir_twin *twin;
    __u32 key;

    if (!r || !c)
        return 0;
    key = r->contact.host & (WEIR_TARGETS - 1);
    target = bpf_map_lookup_elem(&targets, &key);
    if (target && weir_target_note(&r->t, target, &r->contact))
        c->n[WEIR_COUNTER_LOST_TARGET]++;
    if (r->contact.kind != WEIR_CONTACT_SYN)
        return 0;
    key = r->contact.probe & (WEIR_TWINS - 1);
    twin = bpf_map_lookup_elem(&twins, &key);
    if (twin && weir_twin_note(twin, &r->contact, r->t.tick))
        weir_twin_hit(&r->t);
    return 0;
}

/* A packet with flags that no connection has. */
__noinline int weir_stage_illegal(struct weir_run *r, __u32 hook)
{
    if (!r || !weir_contact_is_illegal(&r->p))
        return 0;
    r->t.tick = (__u32)(weir_now_coarse(r) >> WEIR_TICK_SHIFT);
    r->t.moment = WEIR_MOMENT_ILLEGAL;
    if (!weir_contact_read(&r->contact, &control.hash_key, &r->t, &r->p))
        return 0;
    weir_contact_begin(&r->t);
    return weir_stage_source(r, hook);
}

/* A packet that stands at a point of its connection that tells of its source. */
__noinline int weir_stage_scan(struct weir_run *r, __u32 hook)
{
    if (!r || !weir_contact_read(&r->contact, &control.hash_key, &r->t, &r->p))
        return 0;
    weir_contact_begin(&r->t);
    (void)weir_stage_source(r, hook);
    if (!r->contact.outbound)
        (void)weir_stage_target(r, hook);
    return 0;
}
