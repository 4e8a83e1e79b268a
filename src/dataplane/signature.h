/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* From a pattern that the automaton has found to a fact: does policy want it in this direction, at
 * this port? */

#include "abi/signature.h"
#include "dataplane/automaton.h"
#include "dataplane/track.h"

WEIR_FN const struct weir_signature *weir_signature_at(const struct weir_automaton_view *v,
                                                       __u32 pattern)
{
    __u32 at = v->a->words + pattern * WEIR_SIGNATURE_WORDS;

    if (pattern >= v->a->patterns || at > v->words - WEIR_SIGNATURE_WORDS)
        return NULL;
    return (const struct weir_signature *)((const __u32 *)(v->a + 1) + at);
}

/* side: of the sender; port: of the server. */
WEIR_FN bool weir_signature_holds(const struct weir_signature *s, __u32 side, __u16 port)
{
    if ((s->direction == WEIR_SIGNATURE_TO_SERVER && side) ||
        (s->direction == WEIR_SIGNATURE_TO_CLIENT && !side))
        return false;
    if (!s->ports)
        return true;
    for (__u32 i = 0; i < WEIR_SIGNATURE_PORTS; i++)
        if (i < s->ports && s->port[i] == port)
            return true;
    return false;
}

/* at: bytes of the direction up to the pattern's end. Of several patterns in a packet the first of
 * the strongest action is named. */
WEIR_FN void weir_signature_take(struct weir_track *t, const struct weir_signature *s, __u32 at)
{
    __u64 fact = WEIR_FACT_SIGNATURE_COUNT << (s->action & 3);

    if (fact > (t->facts & WEIR_FACTS_SIGNATURE)) {
        t->signature[0] = s->number;
        t->signature[1] = at;
    }
    t->facts |= fact & WEIR_FACTS_SIGNATURE;
}

/* The state has accepted: all patterns that end here. */
WEIR_FN void weir_signature_all(const struct weir_automaton_view *v, __u32 state,
                                struct weir_track *t, __u16 port, __u32 at)
{
    __u32 output = weir_automaton_first_output(v, state);

    for (__u32 i = 0; i < WEIR_OUTPUT_CHAIN && output != WEIR_OUTPUT_NONE; i++) {
        const struct weir_signature *s = weir_signature_at(v, weir_automaton_output(v, &output));

        if (s && weir_signature_holds(s, t->side & 1, port))
            weir_signature_take(t, s, at);
    }
}
