/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* All detections over one packet. Each is a function in detect/<category>_<name>.h:
 *
 *     WEIR_FN enum weir_hit weir_detect_<category>_<name>(const struct weir_pkt *p, struct
 * weir_evidence *e);
 *
 * pure, free of loops, and silent on a packet without traits. The list below is generated from the
 * folder; the calls expand from detections.def. */

#include "dataplane/hit.h"
#include "dataplane/ip.h"
#include "dataplane/pkt.h"
#include "dataplane/tcp_options.h"

#include "detect_list.h"

struct weir_hits {
    struct weir_rows found; /* hit in full */
    struct weir_rows noted; /* in their milder form */
    struct weir_evidence evidence;
    __u32 _pad;
};

WEIR_FN void weir_hits_take(struct weir_hits *h, __u32 row, enum weir_hit hit)
{
    if (hit == WEIR_NOTED) {
        weir_rows_set(&h->noted, row);
        return;
    }
    weir_rows_set(&h->found, row);
    if (h->evidence.row == WEIR_ROW_MAX)
        h->evidence.row = row;
}

/* A clean SYN has one trait, and a flood consists of them: told that, the compiler leaves of all
 * rows only those that a SYN alone can raise. */
WEIR_FN void weir_detect_clean_syn(struct weir_hits *h, const struct weir_pkt *p,
                                   struct weir_rows judged)
{
    enum weir_hit hit;

#define WEIR_RUN_NONE(NAME, category, name)                                                        \
    if (weir_rows_has(&judged, WEIR_ROW_##NAME)) {                                                 \
        if (p->traits != WEIR_TRAIT_SYN)                                                           \
            __builtin_unreachable();                                                               \
        hit = weir_detect_##category##_##name(p, &h->evidence);                                    \
        if (WEIR_UNLIKELY(hit != WEIR_MISS))                                                       \
            weir_hits_take(h, WEIR_ROW_##NAME, hit);                                               \
    }
#define DETECT(id, NAME, category, name, state, ...) WEIR_RUN_##state(NAME, category, name)
#include "abi/detections.def"
#undef DETECT
#undef WEIR_RUN_NONE
}

/* Rows whose state kind is NONE. judged: rows that policy wants judged; a constant of the program
 * in the kernel, so that a row that is off leaves no instruction behind. */
WEIR_FN void weir_detect_stateless(struct weir_hits *h, const struct weir_pkt *p,
                                   struct weir_rows judged)
{
    enum weir_hit hit;

    h->evidence.row = WEIR_ROW_MAX;
    if (p->traits == WEIR_TRAIT_SYN) {
        weir_detect_clean_syn(h, p, judged);
        return;
    }
#define WEIR_RUN_NONE(NAME, category, name)                                                        \
    if (weir_rows_has(&judged, WEIR_ROW_##NAME)) {                                                 \
        hit = weir_detect_##category##_##name(p, &h->evidence);                                    \
        if (WEIR_UNLIKELY(hit != WEIR_MISS))                                                       \
            weir_hits_take(h, WEIR_ROW_##NAME, hit);                                               \
    }
#define DETECT(id, NAME, category, name, state, ...) WEIR_RUN_##state(NAME, category, name)
#include "abi/detections.def"
#undef DETECT
#undef WEIR_RUN_NONE
}
