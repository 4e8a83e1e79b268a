/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Floods: the record that a packet is counted in, its turn, and what is reported of it. */

#include "report.bpf.h"

#include "dataplane/cookie.h"
#include "dataplane/surge.h"

static __always_inline struct weir_dest_set *weir_dest_set_of(__u32 set)
{
    __u32 key = set;

    return bpf_map_lookup_elem(&dests, &key);
}

static __always_inline struct weir_dest_cpu *weir_dest_cpu_of(__u32 index, __u32 cpu)
{
    __u32 key = index * weir_cpus + cpu;

    return bpf_map_lookup_elem(&dest_cpu, &key);
}

/* The record of an index: set << 4 | way. */
static __always_inline struct weir_dest *weir_dest_of(__u32 index)
{
    struct weir_dest_set *set = weir_dest_set_of(index >> 4);

    return set ? &set->service[index & (WEIR_WAYS - 1)] : NULL;
}

struct weir_sum_over {
    struct weir_run *r;
    __u32 index;
};

static long weir_sum_cpu(__u32 cpu, struct weir_sum_over *over)
{
    struct weir_dest_cpu *part = weir_dest_cpu_of(over->index, cpu);

    if (!part)
        return 1;
    weir_dest_add(&over->r->counted, part);
    return 0;
}

/* Counts of all CPUs into r->counted. bpf_loop(), because a plain loop over so many is verified
 * turn by turn: 330,000 instructions. */
__noinline int weir_stage_sum(struct weir_run *r, __u32 index)
{
    struct weir_sum_over over = { .r = r, .index = index };

    if (!r)
        return 0;
    __builtin_memset(&r->counted, 0, sizeof(r->counted));
    (void)bpf_loop(weir_cpus, weir_sum_cpu, &over, 0);
    return 0;
}

__noinline int weir_stage_turn(struct weir_run *r, __u32 index)
{
    struct weir_dest_set *set = weir_dest_set_of(index >> 4);

    if (!r || !set)
        return 0;
    (void)weir_stage_sum(r, index);
    if (!weir_dest_turn(&set->service[index & (WEIR_WAYS - 1)], &r->counted, r->t.tick,
                        weir_now_coarse(r)))
        return 0;
    weir_set_touch(&set->ways, index, weir_dest_class(&set->service[index & (WEIR_WAYS - 1)]),
                   r->t.tick);
    return 0;
}

/* Make a record for r->f.key. Class PROVEN: it answered, or is ours. */
static __always_inline __u32 weir_dest_make(struct weir_run *r, struct weir_counters *c,
                                            enum weir_class class)
{
    __u64 hash = weir_dest_hash(&control.hash_key, &r->f.key);
    __u32 at = weir_set_index(hash, weir_dest_mask);
    struct weir_dest_set *set = weir_dest_set_of(at);
    struct weir_dest *s;
    __u32 way;

    if (!set)
        return WEIR_DEST_NONE;
    way = (__u32)weir_dest_admit(set, &r->f.key, weir_set_tag(hash), class, r->t.tick);
    if (way == WEIR_WAYS) {
        c->n[WEIR_COUNTER_LOST_DEST]++;
        return WEIR_DEST_NONE;
    }
    c->n[way >= 2 * WEIR_WAYS ? WEIR_COUNTER_DEST_EVICTED : WEIR_COUNTER_DEST_NEW]++;
    at = at << 4 | (way & (WEIR_WAYS - 1));
    (void)weir_stage_sum(r, at);
    s = weir_dest_of(at);
    if (s)
        __builtin_memcpy(s->base, &r->counted, sizeof(s->base));
    return at;
}

/* Where r->f.key is, WEIR_DEST_NONE when nowhere. Once a second its age is told. */
static __always_inline __u32 weir_dest_seek(struct weir_run *r)
{
    __u64 hash = weir_dest_hash(&control.hash_key, &r->f.key);
    __u32 at = weir_set_index(hash, weir_dest_mask), way;
    struct weir_dest_set *set = weir_dest_set_of(at);

    if (!set)
        return WEIR_DEST_NONE;
    way = (__u32)weir_dest_find(set, &r->f.key, weir_set_tag(hash));
    return way < WEIR_WAYS ? at << 4 | way : WEIR_DEST_NONE;
}

/* Find the record of the packet, or make one: r->f.index. */
__noinline int weir_stage_dest(struct weir_run *r, __u32 hook)
{
    struct weir_counters *c = weir_counters_of(hook);

    if (!r || !c)
        return 0;
    for (int i = 0; i < 2; i++) {
        enum weir_flood_next next;

        r->f.index = weir_dest_seek(r);
        if (WEIR_LIKELY(r->f.index != WEIR_DEST_NONE))
            return 0;
        next =
            weir_flood_missing(&r->f, &r->t, weir_addr_own(r->f.key.addr), weir_addr_own(r->p.dst));
        if (next == WEIR_FLOOD_IGNORE)
            return 0;
        if (next == WEIR_FLOOD_ADMIT) {
            r->f.index = weir_dest_make(r, c, WEIR_CLASS_PROVEN);
            return 0;
        }
    }
    return 0;
}

/* Does the stage of cookies answer this SYN? */
static __always_inline bool weir_flood_answers(struct weir_run *r, __u32 hook)
{
    return hook == WEIR_HOOK_XDP &&
           weir_policy_of(r->ifindex, weir_pkt_vlan(&r->p))->cookies != WEIR_COOKIES_OFF &&
           weir_cookie_answerable(&r->p, &r->w) && weir_addr_own(r->p.dst);
}

/* Count the packet for its record, and ask what the record's state makes of it. */
__noinline int weir_stage_flood(struct weir_run *r, __u32 hook)
{
    struct weir_counters *c = weir_counters_of(hook);
    struct weir_dest_cpu *cpu;
    struct weir_dest *s;
    __u64 source;

    if (!r || !c || !weir_flood_ask(&r->f, &r->t, &r->p))
        return 0;
    (void)weir_stage_dest(r, hook);
    if (r->f.index == WEIR_DEST_NONE)
        return 0;
    s = weir_dest_of(r->f.index);
    cpu = weir_dest_cpu_of(r->f.index, bpf_get_smp_processor_id());
    if (!s || !cpu)
        return 0;
    if (weir_dest_due(s, r->t.tick))
        (void)weir_stage_turn(r, r->f.index);
    source = weir_hash_end(&control.hash_key, r->p.src, 0, r->f.key.ip4);
    if (weir_flood_count(&r->f, s, cpu, &r->p, source)) {
        weir_dest_key_set(&r->f.key, r->p.dst, r->f.port, WEIR_DEST_SERVICE, r->f.key.ip4);
        (void)weir_dest_make(r, c, WEIR_CLASS_STRAY);
    }
    if (WEIR_UNLIKELY(weir_flood_wants_answer(&r->f, s)))
        r->f.answer = weir_flood_answers(r, hook);
    weir_flood_judge(&r->f, s, &r->p, weir_now_coarse(r) < *(volatile __u64 *)&control.settled_ns);
    return 0;
}

/* It fell to this packet to be the next one reported. */
__noinline int weir_stage_surge(struct weir_run *r, __u32 hook, __u32 n)
{
    struct weir_counters *c = weir_counters_of(hook);
    struct weir_dest *s;
    struct weir_event *ev;

    if (!r || !c || n >= WEIR_SURGES)
        return 0;
    s = weir_dest_of(r->f.index);
    if (!s || !(__sync_fetch_and_and(&s->owed, ~(1U << n)) >> n & 1))
        return 0;
    ev = weir_event_reserve(c, weir_row_is_high(r->d.row));
    if (!ev) {
        (void)__sync_fetch_and_or(&s->owed, 1U << n); /* the next packet tries again */
        return 0;
    }
    weir_event_packet(ev, &r->p, weir_now());
    weir_event_finding(ev, &r->d, &r->h);
    ev->flags |= hook == WEIR_HOOK_TC_EGRESS ? WEIR_EVENT_EGRESS : 0;
    ev->source = r->ifindex;
    if (weir_evidence_packets && !s->surge[n].first_ns)
        r->kept.first = WEIR_FIRST_OF_TARGET;
    weir_surge_report(s, n, ev);
    weir_event_submit(ev, weir_row_is_high(r->d.row));
    return 0;
}

/* r->d names a finding of a flood: it is counted here, not in the table of incidents. */
static __always_inline void weir_flood_report(struct weir_run *r, __u32 hook, __u32 n)
{
    struct weir_dest_cpu *cpu = weir_dest_cpu_of(r->f.index, bpf_get_smp_processor_id());
    struct weir_dest *s = weir_dest_of(r->f.index);

    if (!cpu || !s || n >= WEIR_SURGES)
        return;
    if (WEIR_UNLIKELY(s->owed >> n & 1))
        (void)weir_stage_surge(r, hook, n);
    cpu->hit[n]++;
}

/* One record in the sweep: its turn, when no packet took it, and the ends of its incidents. */
__noinline int weir_stage_settle(struct weir_run *r, __u32 index, __u32 all)
{
    struct weir_counters *c = weir_counters_of(WEIR_HOOK_XDP);
    struct weir_dest *s = weir_dest_of(index);
    __u64 now;

    if (!r || !c || !s)
        return 0;
    now = weir_now();
    r->t.tick = (__u32)(now >> WEIR_TICK_SHIFT);
    (void)weir_stage_sum(r, index);
    if (!weir_dest_turn(s, &r->counted, r->t.tick, now) && !all)
        return 0; /* packets keep it going */
    if (all)
        weir_turn_take(s, &r->counted, now);
    for (__u32 n = 0; n < WEIR_SURGES; n++) {
        struct weir_event *ev;
        bool high;

        if (!s->surge[n].first_ns || !(all || weir_surge_is_over(s, n, now)))
            continue;
        high = weir_row_is_high(weir_surge_row(n));
        ev = weir_event_reserve(c, high);
        if (!ev)
            continue; /* counted; the next sweep tries again */
        if (weir_surge_close(s, n, ev))
            weir_event_submit(ev, high);
        else
            bpf_ringbuf_discard(ev, 0);
    }
    return 0;
}
