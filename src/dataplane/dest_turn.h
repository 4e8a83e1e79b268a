/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A service's turn: counts of all CPUs become rates, rates become states. Taken by the first packet
 * of a slot, or by user space when there is none. One taker at a time: who moves slot on.
 *
 * Limits without a source are ours (DETECTIONS 1, "design"). */

#include "dataplane/dest_stray.h"
#include "dataplane/dest_syn.h"
#include "dataplane/suppress.h"

#define WEIR_SETTLE_NS (60ULL * 1000 * 1000 * 1000) /* of watching, then strays are strays */
#define WEIR_ATTACK_TICKS WEIR_TICKS(30)            /* quiet for so long: recover */
#define WEIR_RECOVER_TICKS WEIR_TICKS(120) /* cookies are taken for 2 minutes (syncookies.c) */
#define WEIR_LEARN_TICKS WEIR_TICKS(3600)

/* What packets of the CPUs were since the turn before. */
WEIR_STAGE int weir_turn_take(struct weir_dest *s, const struct weir_dest_cpu *sum, __u64 last_ns)
{
    if (!s || !sum)
        return 0;
    for (__u32 i = 0; i < WEIR_SEEN_MAX; i++) {
        __u32 more = sum->seen[i] - s->base[i + 2];

        s->base[i + 2] += more;
        s->now[i] += more;
        s->got[i] += more;
    }
    for (__u32 i = 0; i < WEIR_SURGES; i++) {
        __u32 more = sum->hit[i] - s->base[i + 22];

        s->base[i + 22] += more;
        if (!more)
            continue;
        s->surge[i].count += more;
        s->surge[i].last_ns = last_ns;
    }
    return 0;
}

/* A new majority is counted from now on. */
WEIR_FN void weir_turn_mark(struct weir_dest *s, const struct weir_dest_cpu *sum)
{
    if (sum->mark == s->mark) {
        if (s->beats < 255)
            s->beats++;
    } else if (sum->votes) {
        s->mark = sum->mark;
        s->beats = 0;
    }
}

WEIR_FN void weir_turn_limits(struct weir_dest *s)
{
    if (!(s->flags & WEIR_DEST_LIMIT))
        s->syn_limit = weir_most(WEIR_SYN_LIMIT_LEAST, s->syn_usual / 4);
    s->half_limit = weir_most(s->backlog / 2, s->half_usual / 4);
}

WEIR_FN __u32 weir_syn_ceiling(__u32 usual)
{
    return weir_most(usual, WEIR_SYN_LIMIT_LEAST / 4 * 16) * 2;
}

/* What was learned before, as it stands in the record. */
WEIR_FN void weir_dest_teach(struct weir_dest *s, __u32 syn_usual, __u32 half_usual)
{
    s->syn_usual = syn_usual;
    s->half_usual = half_usual;
    s->syn_ceiling = weir_most(s->syn_ceiling, weir_syn_ceiling(syn_usual));
    weir_turn_limits(s);
}

/* Learn what is usual: in peace alone, and never more than twice as much an hour. */
WEIR_STAGE int weir_turn_learn(struct weir_dest *s)
{
    if (!s)
        return 0;
    if (s->state == WEIR_DEST_NORMAL && !s->surging) {
        s->syn_usual = weir_least(weir_average(s->syn_usual, weir_dest_rate(s, WEIR_SEEN_SYN)),
                                  s->syn_ceiling);
        s->half_usual = weir_average(s->half_usual, weir_half_open(s));
        if (s->at - s->ceiling_at >= WEIR_LEARN_TICKS) {
            s->ceiling_at = s->at;
            s->syn_ceiling = weir_syn_ceiling(s->syn_usual);
        }
    }
    weir_turn_limits(s);
    return 0;
}

/* From attack to recovery to peace, when all is quiet for long enough. */
WEIR_FN void weir_turn_calm(struct weir_dest *s)
{
    __u32 quiet = weir_least(s->at - s->surge[WEIR_SURGE_SYN].loud,
                             s->at - s->surge[WEIR_SURGE_HALF_OPEN].loud);

    if (s->state == WEIR_DEST_ATTACK && quiet >= WEIR_ATTACK_TICKS)
        weir_turn_state(s, WEIR_DEST_RECOVER);
    else if (s->state == WEIR_DEST_RECOVER && s->at - s->state_at >= WEIR_RECOVER_TICKS)
        weir_turn_state(s, WEIR_DEST_NORMAL);
}

/* The end of a beat, at s->at. */
WEIR_STAGE int weir_turn_beat(struct weir_dest *s)
{
    if (!s)
        return 0;
    if (s->beat[0][WEIR_SEEN_SYNACK]) {
        s->flags |= WEIR_DEST_ANSWERS;
        s->answers_at = s->at;
    }
    if (s->beat[0][WEIR_SEEN_DONE])
        s->flags |= WEIR_DEST_SERVED;
    weir_turn_unmet(s);
    (void)weir_turn_syn(s);
    if (s->kind == WEIR_DEST_SERVICE) {
        (void)weir_turn_half(s);
        (void)weir_turn_half_open(s);
        (void)weir_turn_fingerprint(s);
        (void)weir_turn_grade(s);
        weir_turn_cookie_ack(s);
    } else {
        weir_turn_strays(s);
    }
    weir_turn_calm(s);
    return weir_turn_learn(s);
}

/* Nothing came in the newest of `beats` beats. */
WEIR_FN void weir_turn_silence(struct weir_dest *s, __u32 beats)
{
    if (beats == 2)
        __builtin_memcpy(s->beat[1], s->beat[0], sizeof(s->beat[0]));
    else
        __builtin_memset(s->beat[1], 0, sizeof(s->beat[1]));
    __builtin_memset(s->beat[0], 0, sizeof(s->beat[0]));
    s->new_sources = 0;
    if (s->state == WEIR_DEST_NORMAL && !s->surging) {
        s->syn_usual = weir_decay(s->syn_usual, beats - 2);
        s->half_usual = weir_decay(s->half_usual, beats - 2);
    }
}

/* Beats that passed since the one numbered `beat`, which alone had packets. */
WEIR_STAGE int weir_turn_beats(struct weir_dest *s, const struct weir_dest_cpu *sum, __u32 beat,
                               __u32 beats)
{
    if (!s || !sum)
        return 0;
    weir_turn_mark(s, sum);
    __builtin_memcpy(s->beat[1], s->beat[0], sizeof(s->beat[0]));
    __builtin_memcpy(s->beat[0], s->now, sizeof(s->now));
    __builtin_memset(s->now, 0, sizeof(s->now));
    s->new_sources = weir_hll_estimate(s->sources);
    __builtin_memset(s->sources, 0, sizeof(s->sources));
    s->at = (beat + 1) << WEIR_BEAT_SHIFT;
    (void)weir_turn_beat(s);
    if (beats < 2)
        return 0;
    weir_turn_silence(s, beats);
    s->at = (beat + beats) << WEIR_BEAT_SHIFT;
    return weir_turn_beat(s);
}

/* The incident as a whole: from the first surge until all is quiet and the state is normal. */
WEIR_STAGE int weir_turn_incident(struct weir_dest *s, __u64 now_ns)
{
    bool runs;

    if (!s)
        return 0;
    runs = s->surging || s->state != WEIR_DEST_NORMAL;
    if (runs && (!s->began_ns || s->over_ns)) {
        s->began_ns = now_ns;
        s->over_ns = 0;
        for (__u32 i = 0; i < WEIR_SEEN_MAX; i++)
            s->got[i] = s->now[i] + weir_dest_rate(s, (enum weir_seen)i);
    } else if (!runs && s->began_ns && !s->over_ns) {
        s->over_ns = now_ns;
    }
    for (__u32 i = 0; i < WEIR_SURGES; i++)
        if (s->surging >> i & 1 && s->surge[i].reported &&
            s->surge[i].count >= s->surge[i].reported * 2)
            (void)__sync_fetch_and_or(&s->owed, 1U << i);
    return 0;
}

/* Is it time for a turn? Clocks of captures step back now and then: a little is ignored. */
WEIR_FN bool weir_dest_due(const struct weir_dest *s, __u32 tick)
{
    __s32 ahead = (__s32)((tick >> WEIR_SLOT_SHIFT) - s->slot);

    return ahead > 0 || ahead < -(__s32)(WEIR_TICKS(10) >> WEIR_SLOT_SHIFT);
}

/* sum: of all CPUs. 1: the turn was the caller's. */
WEIR_STAGE int weir_dest_turn(struct weir_dest *s, const struct weir_dest_cpu *sum, __u32 tick,
                              __u64 now_ns)
{
    __u32 slot = tick >> WEIR_SLOT_SHIFT, old, end, beats;
    __u64 last_ns = now_ns;

    if (!s || !sum)
        return 0;
    old = *(volatile __u32 *)&s->slot;
    if (!weir_dest_due(s, tick) || __sync_val_compare_and_swap(&s->slot, old, slot) != old)
        return 0;
    end = (old + 1) << WEIR_SLOT_SHIFT;
    if (weir_before(end, tick))
        last_ns -= (__u64)(tick - end) << WEIR_TICK_SHIFT;
    (void)weir_turn_take(s, sum, last_ns);
    s->at = tick;
    beats = (slot >> 2) - (old >> 2);
    if (beats && (__s32)(slot - old) > 0)
        (void)weir_turn_beats(s, sum, old >> 2, beats);
    else
        (void)weir_turn_sudden(s);
    (void)weir_turn_incident(s, now_ns);
    return 1;
}
