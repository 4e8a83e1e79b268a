/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Run an automaton (abi/automaton.h) over bytes, sixteen at a turn. The host gives the bytes in
 * flat chunks, as it can reach them, and keeps the state in between: over the chunks of a segment,
 * and over the segments of a direction as long as they are in order. Every byte costs one step,
 * whatever the bytes are: there is no failure chain for a sender to lengthen. */

#include "abi/automaton.h"
#include "dataplane/fn.h"

#define WEIR_SCAN_TURN 16

/* The automaton and how much of it may be read. words comes from whoever allocated the block, never
 * from the block: to the verifier it is a bound, and natively it keeps a damaged block harmless. */
struct weir_automaton_view {
    const struct weir_automaton *a;
    __u32 words;
};

/* Progress over one chunk. In memory the host owns, because a loop that keeps it in registers is
 * one that the verifier follows turn by turn: see weir_pkt_cursor(). */
struct weir_scan {
    struct weir_scan_carry carry;
    __u32 at;  /* next byte of the chunk */
    __u32 end; /* bytes in the chunk */
};

enum weir_scan_stop {
    WEIR_SCAN_ON,    /* bytes are left: take another turn */
    WEIR_SCAN_MATCH, /* a pattern ended at byte at - 1: ask for the outputs of state, then go on */
    WEIR_SCAN_END,
};

WEIR_FN __u32 weir_automaton_word(const struct weir_automaton_view *v, __u32 at)
{
    return at < v->words ? ((const __u32 *)(v->a + 1))[at] : 0;
}

/* Two words at an even place. */
WEIR_FN __u64 weir_automaton_two(const struct weir_automaton_view *v, __u32 at)
{
    return at < v->words ? ((const __u64 *)(v->a + 1))[at >> 1] : 0;
}

/* Halves of weir_automaton_two(). */
WEIR_FN __u32 weir_two_first(__u64 two)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (__u32)two;
#else
    return (__u32)(two >> 32);
#endif
}

WEIR_FN __u32 weir_two_second(__u64 two)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (__u32)(two >> 32);
#else
    return (__u32)two;
#endif
}

/* Does the state's own slot for this class say where to go? Branches, not choices: a choice waits
 * for the slot to arrive from memory, a branch is predicted. */
WEIR_FN bool weir_automaton_slot(const struct weir_automaton_view *v, __u32 state, __u32 class,
                                 __u32 *next)
{
    __u32 base = state & WEIR_STATE_BASE_MASK;
    __u64 slot;

    if (!base)
        return false;
    slot = weir_automaton_two(v, v->a->slots + (base + class) * 2);
    if (weir_two_first(slot) != base)
        return false;
    *next = weir_two_second(slot);
    return true;
}

/* The state, and beside it the state of the last two bytes, which is where the longer one falls
 * back to. */
struct weir_scan_at {
    __u32 state;
    __u32 near;
    __u32 pair; /* 1 + index of near in pairs */
};

WEIR_FN void weir_automaton_step(const struct weir_automaton_view *v, struct weir_scan_at *s,
                                 __u8 byte)
{
    __u32 class = v->a->class_of[byte], near = s->near;
    __u32 label = near >> WEIR_STATE_LABEL_SHIFT & WEIR_STATE_LABEL_MASK;

    s->pair = label * v->a->classes + class;
    s->near = weir_automaton_word(v, s->pair);
    s->pair++;
    if (weir_automaton_slot(v, s->state, class, &s->state))
        return;
    if (s->state != near && weir_automaton_slot(v, near, class, &s->state))
        return;
    s->state = s->near;
}

WEIR_FN void weir_scan_load(const struct weir_automaton_view *v, struct weir_scan_at *s,
                            const struct weir_scan_carry *carry)
{
    __u32 state = *(const volatile __u32 *)&carry->state;
    __u32 mark = *(const volatile __u32 *)&carry->mark;

    s->state = s->near = s->pair = 0;
    if (mark >> WEIR_MARK_PAIR_BITS != v->a->epoch)
        return;
    s->state = state;
    s->pair = mark & WEIR_MARK_PAIR_MASK;
    if (s->pair)
        s->near = weir_automaton_word(v, s->pair - 1);
}

WEIR_FN void weir_scan_store(const struct weir_automaton_view *v, struct weir_scan *s,
                             const struct weir_scan_at *at)
{
    s->carry.state = at->state;
    s->carry.mark = v->a->epoch << WEIR_MARK_PAIR_BITS | (at->pair & WEIR_MARK_PAIR_MASK);
}

/* Up to WEIR_SCAN_TURN bytes. mask: size of the chunk's memory less one, a power of two, so that no
 * cursor leads out of it; ~0 natively, where s->end is the caller's own. */
WEIR_FN enum weir_scan_stop weir_scan_turn(const struct weir_automaton_view *v, struct weir_scan *s,
                                           const __u8 *chunk, __u32 mask)
{
    __u32 at = *(volatile __u32 *)&s->at, end = *(volatile __u32 *)&s->end;
    enum weir_scan_stop stop = WEIR_SCAN_END;
    struct weir_scan_at now;

    weir_scan_load(v, &now, &s->carry);
    for (int i = 0; i < WEIR_SCAN_TURN && at < end; i++) {
        weir_automaton_step(v, &now, chunk[at & mask]);
        at++;
        if (WEIR_UNLIKELY(now.state & WEIR_STATE_ACCEPT)) {
            stop = WEIR_SCAN_MATCH;
            break;
        }
    }
    s->at = at;
    weir_scan_store(v, s, &now);
    return stop == WEIR_SCAN_MATCH || at >= end ? stop : WEIR_SCAN_ON;
}

/* First output of a state that accepts, WEIR_OUTPUT_NONE of any other. */
WEIR_FN __u32 weir_automaton_first_output(const struct weir_automaton_view *v, __u32 state)
{
    __u32 base = state & WEIR_STATE_BASE_MASK;
    __u64 slot = weir_automaton_two(v, v->a->slots + (base + v->a->classes) * 2);

    if (!(state & WEIR_STATE_ACCEPT) || weir_two_first(slot) != base)
        return WEIR_OUTPUT_NONE;
    return weir_two_second(slot);
}

/* The pattern of an output, and through *output the next one or WEIR_OUTPUT_NONE. A walk takes at
 * most WEIR_OUTPUT_CHAIN of them. */
WEIR_FN __u32 weir_automaton_output(const struct weir_automaton_view *v, __u32 *output)
{
    __u64 two = weir_automaton_two(v, v->a->outputs + *output * 2);

    *output = weir_two_second(two);
    return weir_two_first(two);
}
