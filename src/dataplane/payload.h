/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Payload of a connection, in the order of its sequence numbers. What the receiver drops is not
 * looked at (tracking has refused it, the host has verified its checksum); of what it takes each
 * byte is, once in order, and once more when it comes again or out of order. */

#include "abi/payload.h"
#include "dataplane/automaton.h"
#include "dataplane/greeting.h"
#include "dataplane/signature.h"
#include "dataplane/tiny.h"
#include "dataplane/track.h"

/* An entry of a connection that fell silent may be taken by another. */
#define WEIR_PAYLOAD_IDLE WEIR_TICKS(10)
#define WEIR_PAYLOAD_WAYS 4 /* entries that a connection may have; a power of two */

/* Where an entry of the connection may be: places differ in their low bits. */
WEIR_FN __u32 weir_payload_place(__u32 slot, __u32 way, __u32 mask)
{
    return (slot * 0x9e3779b1U >> 7 ^ way) & mask;
}

/* Never 0. */
WEIR_FN __u32 weir_payload_born(const struct weir_flow *f)
{
    __u32 born = (__u32)(f->start_ns >> WEIR_FINE_SHIFT);

    return born ? born : 1;
}

/* Sequence number of the direction's first byte, as far as it was seen. */
WEIR_FN __u32 weir_payload_first(const struct weir_flow_side *of)
{
    return of->isn + !!(of->flags & WEIR_SIDE_SYN);
}

/* Is there something to read? Told by the connection's record alone. depth: bytes of a direction
 * that are looked at. */
WEIR_FN bool weir_payload_wanted(const struct weir_flow *f, __u32 side, const struct weir_pkt *p,
                                 __u32 depth)
{
    return p->payload_bytes && p->seq - weir_payload_first(&f->side[side & 1]) < depth &&
           !(p->tcp_flags & (WEIR_SYN | WEIR_RST));
}

WEIR_FN bool weir_payload_is(const struct weir_payload *e, __u32 slot, __u32 born)
{
    return e->owner == slot + 1 && e->born == born;
}

/* May the entry be taken? The slot's former connection is over, or it would have the slot. */
WEIR_FN bool weir_payload_is_free(const struct weir_payload *e, __u32 slot, __u32 tick)
{
    __u32 idle = tick - e->last_tick;

    return !e->owner || e->owner == slot + 1 || (idle > WEIR_PAYLOAD_IDLE && idle < 1U << 31);
}

/* Take a free entry. False: another CPU was faster. */
WEIR_FN bool weir_payload_claim(struct weir_payload *e, __u32 slot, __u32 born, __u32 tick)
{
    __u32 owner = *(volatile __u32 *)&e->owner, was = *(volatile __u32 *)&e->born;

    /* Who has it is decided by a word that changes: of the slot's former connection, its birth. */
    if (owner == slot + 1) {
        if (was == born)
            return true;
        if (!was || __sync_val_compare_and_swap(&e->born, was, 0) != was)
            return false;
    } else {
        if (__sync_val_compare_and_swap(&e->owner, owner, slot + 1) != owner)
            return false;
        *(volatile __u32 *)&e->born = 0;
    }
    e->last_tick = tick;
    __builtin_memset(e->side, 0, sizeof(e->side));
    *(volatile __u32 *)&e->born = born;
    return true;
}

/* Rows that count segments look at the first bytes of a direction, however deep patterns are looked
 * for. */
#define WEIR_PAYLOAD_NEAR 256

/* What of a segment is read, and as what. */
struct weir_payload_plan {
    __u32 skip;   /* bytes of the payload before */
    __u32 bytes;  /* to read */
    __u32 offset; /* of the first of them in its direction */
    __u32 order;  /* enum weir_payload_order */
};

enum weir_payload_order {
    WEIR_PAYLOAD_NONE,
    WEIR_PAYLOAD_NEXT,  /* goes on where the last one ended */
    WEIR_PAYLOAD_AGAIN, /* was there before, all of it */
    WEIR_PAYLOAD_AHEAD, /* something before it is missing */
};

/* First segment of a direction here: without its SYN nobody knows how it began, and a subflow of
 * MPTCP goes on with what began on another. */
WEIR_FN void weir_payload_begin(struct weir_payload_side *s, const struct weir_flow *f,
                                const struct weir_flow_side *of, const struct weir_pkt *p)
{
    bool known = of->flags & WEIR_SIDE_SYN && !(of->flags & WEIR_SIDE_LOOSE);

    s->next = known ? weir_payload_first(of) : p->seq;
    s->flags = WEIR_PAYLOAD_BEGUN;
    if (!known || f->marks & WEIR_FLOW_SUBFLOW)
        s->flags |= WEIR_PAYLOAD_BLIND;
}

/* Where the segment stands; s->next moves on. */
WEIR_FN void weir_payload_order(struct weir_payload_plan *plan, struct weir_payload_side *s,
                                const struct weir_pkt *p)
{
    __u32 end = p->seq + p->payload_bytes;

    if (!weir_after(end, s->next)) {
        plan->order = WEIR_PAYLOAD_AGAIN;
        return;
    }
    plan->order = WEIR_PAYLOAD_NEXT;
    if (weir_after(p->seq, s->next)) {
        plan->order = WEIR_PAYLOAD_AHEAD;
        s->flags |= WEIR_PAYLOAD_BLIND;
    } else {
        plan->skip = s->next - p->seq;
    }
    s->next = end;
}

/* s: NULL for a direction that was read to its depth, or that there was no entry for: what comes is
 * read by itself. Only when weir_payload_wanted(). */
WEIR_FN void weir_payload_plan(struct weir_payload_plan *plan, struct weir_payload_side *s,
                               struct weir_flow *f, __u32 side, const struct weir_pkt *p,
                               __u32 depth)
{
    struct weir_flow_side *of = &f->side[side & 1];

    plan->skip = 0;
    plan->order = WEIR_PAYLOAD_AGAIN;
    if (s) {
        if (!(s->flags & WEIR_PAYLOAD_BEGUN))
            weir_payload_begin(s, f, of, p);
        weir_payload_order(plan, s, p);
    }
    plan->offset = p->seq + plan->skip - weir_payload_first(of);
    plan->bytes = p->payload_bytes - plan->skip;
    if (plan->offset >= depth) {
        plan->bytes = 0;
        of->flags |= WEIR_SIDE_READ;
    } else if (plan->bytes >= depth - plan->offset) {
        plan->bytes = depth - plan->offset;
        if (plan->order == WEIR_PAYLOAD_NEXT)
            of->flags |= WEIR_SIDE_READ;
    }
}

/* Bytes of the plan that tell the protocol. */
WEIR_FN __u32 weir_payload_greets(const struct weir_payload_side *s,
                                  const struct weir_payload_plan *plan)
{
    if (plan->order != WEIR_PAYLOAD_NEXT || s->flags & WEIR_PAYLOAD_BLIND ||
        weir_greeting_done(&s->greeting))
        return 0;
    return plan->bytes < WEIR_GREETING_BYTES ? plan->bytes : WEIR_GREETING_BYTES;
}

WEIR_FN __u64 weir_fact_not_expected(__u8 expected)
{
    if (expected & WEIR_PROTO_TLS)
        return WEIR_FACT_NOT_TLS;
    if (expected & WEIR_PROTO_SSH)
        return WEIR_FACT_NOT_SSH;
    return expected & WEIR_PROTO_REPLY ? WEIR_FACT_NOT_REPLY : WEIR_FACT_NOT_HTTP;
}

WEIR_FN void weir_payload_fact(struct weir_track *t, __u64 fact, __u32 a, __u32 b)
{
    t->facts |= fact;
    t->payload[0] = a;
    t->payload[1] = b;
}

/* Facts of what the direction begins with, each told once. Behind the bytes of
 * weir_payload_greets(). */
WEIR_FN void weir_payload_greeted(struct weir_track *t, struct weir_payload_side *s,
                                  const struct weir_flow *f)
{
    const struct weir_greeting *g = &s->greeting;
    __u8 expected = weir_port_expects(f->dport);
    __u8 fresh = weir_greeting_faults(g, t->side & 1, expected) & (__u8)~s->faults;
    __u64 facts = 0;

    if (WEIR_LIKELY(!fresh))
        return;
    s->faults |= fresh;
    if (fresh & WEIR_GREETING_NOT_EXPECTED)
        facts |= weir_fact_not_expected(expected);
    if (fresh & WEIR_GREETING_OTHER)
        facts |= WEIR_FACT_OTHER_PROTOCOL;
    if (fresh & WEIR_GREETING_NOT_TEXT)
        facts |= WEIR_FACT_NOT_TEXT;
    weir_payload_fact(t, facts, g->at, g->sure);
}

WEIR_FN void weir_payload_tiny(struct weir_track *t, struct weir_payload_side *s,
                               const struct weir_payload_plan *plan, const struct weir_pkt *p)
{
    if (plan->order != WEIR_PAYLOAD_AGAIN && plan->offset < WEIR_PAYLOAD_NEAR &&
        weir_tiny_note(&s->series, p->payload_bytes))
        weir_payload_fact(t, WEIR_FACT_TINY, s->series, p->payload_bytes);
}

WEIR_FN void weir_payload_urgent(struct weir_track *t, struct weir_payload_side *s,
                                 const struct weir_payload_plan *plan, const struct weir_pkt *p)
{
    if (WEIR_LIKELY(!(p->tcp_flags & WEIR_URG)) || plan->order == WEIR_PAYLOAD_AGAIN ||
        plan->offset >= WEIR_PAYLOAD_NEAR || s->urgent >= WEIR_URGENT_MANY)
        return;
    s->urgent++;
    if (s->urgent == WEIR_URGENT_MANY)
        t->facts |= WEIR_FACT_URGENT_ABUSE;
}

/* Where a scan of the plan's bytes begins: behind the last byte, or anew. */
WEIR_FN struct weir_scan_carry weir_payload_carry(const struct weir_payload_side *s,
                                                  const struct weir_payload_plan *plan,
                                                  enum weir_lane lane)
{
    struct weir_scan_carry none = { 0 };

    return s && plan->order == WEIR_PAYLOAD_NEXT ? s->scan[lane] : none;
}

/* What was there before leaves no state: its bytes stand in front of others by now. */
WEIR_FN void weir_payload_carried(struct weir_payload_side *s, const struct weir_payload_plan *plan,
                                  enum weir_lane lane, const struct weir_scan_carry *carry)
{
    if (s && plan->order != WEIR_PAYLOAD_AGAIN)
        s->scan[lane] = *carry;
}
