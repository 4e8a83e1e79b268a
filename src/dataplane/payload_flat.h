/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Payload for a host that has the packet in one piece, and its table too. The kernel host, which
 * has neither, is bpf/payload.bpf.h: the same steps. */

#include "dataplane/payload.h"

struct weir_payload_table {
    struct weir_payload *entry;
    __u32 mask; /* entries less 1 */
    __u32 depth;
    struct weir_automaton_view scan[WEIR_LANES]; /* a NULL: no patterns */
};

/* The bytes of a plan against the patterns. */
WEIR_FN void weir_payload_scan(const struct weir_payload_table *table, struct weir_track *t,
                               struct weir_payload_side *s, const struct weir_payload_plan *plan,
                               __u16 port, const __u8 *bytes)
{
    for (__u32 lane = 0; lane < WEIR_LANES; lane++) {
        const struct weir_automaton_view *v = &table->scan[lane];
        struct weir_scan scan = { .carry = weir_payload_carry(s, plan, lane), .end = plan->bytes };
        enum weir_scan_stop stop = WEIR_SCAN_ON;

        while (v->a && plan->bytes && stop != WEIR_SCAN_END) {
            stop = weir_scan_turn(v, &scan, bytes, ~0U);
            if (stop == WEIR_SCAN_MATCH)
                weir_signature_all(v, scan.carry.state, t, port, plan->offset + scan.at);
        }
        if (v->a)
            weir_payload_carried(s, plan, lane, &scan.carry);
    }
}

/* The connection's entry, an entry taken for it, or NULL. */
WEIR_FN struct weir_payload *weir_payload_find(const struct weir_payload_table *table, __u32 slot,
                                               __u32 born, __u32 tick)
{
    for (__u32 way = 0; way < WEIR_PAYLOAD_WAYS; way++) {
        struct weir_payload *e = &table->entry[weir_payload_place(slot, way, table->mask)];

        if (weir_payload_is(e, slot, born))
            return e;
    }
    for (__u32 way = 0; way < WEIR_PAYLOAD_WAYS; way++) {
        struct weir_payload *e = &table->entry[weir_payload_place(slot, way, table->mask)];

        if (weir_payload_is_free(e, slot, tick) && weir_payload_claim(e, slot, born, tick))
            return e;
    }
    return NULL;
}

/* The packet's payload is at `bytes`, `have` of it. slot: place of its connection f in the flow
 * table. False: there was no entry to be had. */
WEIR_FN bool weir_payload_packet(const struct weir_payload_table *table, struct weir_track *t,
                                 struct weir_flow *f, __u32 slot, const struct weir_pkt *p,
                                 const __u8 *bytes, __u32 have)
{
    struct weir_flow_side *of = &f->side[t->side & 1];
    struct weir_payload_side *s = NULL;
    struct weir_payload_plan plan;
    struct weir_payload *e = NULL;
    __u32 n;

    if (!weir_payload_wanted(f, t->side, p, table->depth) || t->facts & WEIR_FACTS_REFUSED)
        return true;
    if (!(of->flags & WEIR_SIDE_READ)) {
        e = weir_payload_find(table, slot, weir_payload_born(f), t->tick);
        if (e) {
            e->last_tick = t->tick;
            s = &e->side[t->side & 1];
        }
    }
    weir_payload_plan(&plan, s, f, t->side, p, table->depth);
    if (plan.skip + plan.bytes > have) /* captured in part: the rest is missing for good */
        plan.bytes = have > plan.skip ? have - plan.skip : 0;
    weir_payload_scan(table, t, s, &plan, f->dport, bytes + plan.skip);
    if (!s)
        return of->flags & WEIR_SIDE_READ;
    weir_payload_tiny(t, s, &plan, p);
    weir_payload_urgent(t, s, &plan, p);
    n = weir_payload_greets(s, &plan);
    if (n) {
        weir_greeting_feed(&s->greeting, t->side & 1, bytes + plan.skip, n);
        weir_payload_greeted(t, s, f);
    }
    return true;
}
