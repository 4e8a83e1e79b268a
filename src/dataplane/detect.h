/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* All detections over one packet. Each is a function in detect/<category>_<name>.h, pure and free
 * of loops. Its arguments are by the state of its row in detections.def:
 *
 *     NONE   (const struct weir_pkt *p, struct weir_evidence *e)                       silent
 * without traits FLOW   (const struct weir_pkt *p, const struct weir_track *t, struct weir_evidence
 * *e)    without facts
 *     TARGET (const struct weir_pkt *p, const struct weir_flood *f)                   silent
 * without facts; the host adds the numbers of the record when it reports
 *
 * The list below is generated from the folder; the calls expand from detections.def. */

#include "dataplane/flood.h"
#include "dataplane/hit.h"
#include "dataplane/ip.h"
#include "dataplane/pkt.h"
#include "dataplane/tcp_options.h"
#include "dataplane/track.h"

#include "detect_list.h"

/* Rows about the host itself: no packet raises them (analytics/pressure.h). */
#define WEIR_RUN_HOST(NAME, category, name)

/* One row of each kind of state; a loop over the table defines all but its own kind away. */
#define WEIR_ROW_RUN(NAME, call)                                                                   \
    if (weir_rows_has(&judged, WEIR_ROW_##NAME)) {                                                 \
        enum weir_hit hit = call;                                                                  \
                                                                                                   \
        if (WEIR_UNLIKELY(hit != WEIR_MISS))                                                       \
            weir_hits_take(h, WEIR_ROW_##NAME, hit);                                               \
    }

/* A clean SYN has one trait, and a flood consists of them: told that, the compiler leaves of all
 * rows only those that a SYN alone can raise. */
WEIR_FN enum weir_hit weir_clean_syn(const struct weir_pkt *p)
{
    if (p->traits != WEIR_TRAIT_SYN)
        __builtin_unreachable();
    return WEIR_MISS;
}

#define WEIR_RUN_FLOW(NAME, category, name)
#define WEIR_RUN_TARGET(NAME, category, name)
#define WEIR_RUN_NONE(NAME, category, name)                                                        \
    WEIR_ROW_RUN(NAME, weir_clean_syn(p) ?: weir_detect_##category##_##name(p, &h->fresh))
#define DETECT(id, NAME, category, name, state, ...) WEIR_RUN_##state(NAME, category, name)
WEIR_FN void weir_detect_clean_syn(struct weir_hits *h, const struct weir_pkt *p,
                                   struct weir_rows judged)
{
#include "abi/detections.def"
}
#undef WEIR_RUN_NONE

/* Rows whose state is NONE. judged: rows that policy wants judged; a constant of the program in the
 * kernel, so that a row that is off leaves no instruction behind. */
#define WEIR_RUN_NONE(NAME, category, name)                                                        \
    WEIR_ROW_RUN(NAME, weir_detect_##category##_##name(p, &h->fresh))
WEIR_FN void weir_detect_stateless(struct weir_hits *h, const struct weir_pkt *p,
                                   struct weir_rows judged)
{
    if (p->traits == WEIR_TRAIT_SYN) {
        weir_detect_clean_syn(h, p, judged);
        return;
    }
#include "abi/detections.def"
}
#undef WEIR_RUN_FLOW
#undef WEIR_RUN_NONE

/* Rows whose state is FLOW. */
#define WEIR_RUN_NONE(NAME, category, name)
#define WEIR_RUN_FLOW(NAME, category, name)                                                        \
    WEIR_ROW_RUN(NAME, weir_detect_##category##_##name(p, t, &h->fresh))
WEIR_FN void weir_detect_flow(struct weir_hits *h, const struct weir_pkt *p,
                              const struct weir_track *t, struct weir_rows judged)
{
#include "abi/detections.def"
}
#undef WEIR_RUN_FLOW
#undef WEIR_RUN_TARGET

/* Rows whose state is TARGET. */
#define WEIR_RUN_FLOW(NAME, category, name)
#define WEIR_RUN_TARGET(NAME, category, name)                                                      \
    WEIR_ROW_RUN(NAME, weir_detect_##category##_##name(p, f))
WEIR_FN void weir_detect_target(struct weir_hits *h, const struct weir_pkt *p,
                                const struct weir_flood *f, struct weir_rows judged)
{
#include "abi/detections.def"
}
#undef WEIR_RUN_FLOW
#undef WEIR_RUN_TARGET
#undef WEIR_RUN_NONE
#undef WEIR_RUN_HOST
#undef DETECT
