/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The state of a service, and the surges that lead to it. Each is a stage: a turn is far too long
 * to be verified in one piece. */

#include "dataplane/dest_rate.h"

WEIR_FN void weir_turn_state(struct weir_dest *s, enum weir_dest_state state)
{
    if (s->state == state)
        return;
    s->state = (__u8)state;
    s->state_at = s->at;
}

/* What a beat says of one surge. */
enum weir_surge_now {
    WEIR_SURGE_ON = 1 << 0,    /* its rate says so */
    WEIR_SURGE_QUIET = 1 << 1, /* it is far from it */
};

/* Begin, keep or end surge n; it ends when it was quiet for so many ticks. */
WEIR_STAGE int weir_turn_surge(struct weir_dest *s, __u32 n, __u32 is, __u32 rate, __u32 ticks)
{
    const __u32 bit = 1U << (n & 31);
    struct weir_surge *g;

    if (!s || n >= WEIR_SURGES)
        return 0;
    g = &s->surge[n];
    if (!(is & WEIR_SURGE_QUIET))
        g->loud = s->at;
    if (is & WEIR_SURGE_ON && !(s->surging & bit)) {
        s->surging |= bit;
        (void)__sync_fetch_and_or(&s->owed, bit);
        g->peak = 0;
    } else if (s->surging & bit && s->at - g->loud >= ticks) {
        s->surging &= ~bit;
        s->heavy &= ~bit;
    }
    if (s->surging & bit && rate > g->peak)
        g->peak = rate;
    return 0;
}

/* Many ports asked by few is a scan, which other rows tell better: a flood comes from many sources,
 * or goes to one port. n: packets that the mark is of. */
#define WEIR_SOURCES_MANY 16

WEIR_FN bool weir_turn_is_scan(const struct weir_dest *s, __u32 n)
{
    return s->kind == WEIR_DEST_HOST && s->new_sources < WEIR_SOURCES_MANY &&
           weir_dest_rate(s, WEIR_SEEN_MARK) < n / 2;
}
