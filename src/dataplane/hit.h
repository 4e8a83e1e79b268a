/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* What a detection answers, and the set of rows that answered. */

#include "abi/detection.h"
#include "abi/event.h"
#include "dataplane/fn.h"

enum weir_hit {
    WEIR_MISS,
    WEIR_HIT,
    WEIR_NOTED,  /* the row's milder form: counted, never a finding */
    WEIR_SPARED, /* holds, and is no reason to drop this packet whatever policy says */
};

/* Bit WEIR_ROW_x of the row x. */
struct weir_rows {
    __u64 w[2];
};

WEIR_FN void weir_rows_set(struct weir_rows *r, __u32 row)
{
    r->w[row >> 6 & 1] |= 1ULL << (row & 63);
}

WEIR_FN bool weir_rows_has(const struct weir_rows *r, __u32 row)
{
    return r->w[row >> 6 & 1] >> (row & 63) & 1;
}

/* Numbers that support the finding, named in detections.def. */
struct weir_evidence {
    __u32 row; /* of the most specific row that hit; WEIR_ROW_MAX: none yet */
    __u32 v[WEIR_EVIDENCE_MAX];
};

WEIR_FN void weir_evidence_set(struct weir_evidence *e, __u32 a, __u32 b, __u32 c)
{
    e->v[0] = a;
    e->v[1] = b;
    e->v[2] = c;
}

struct weir_hits {
    struct weir_rows found; /* hit in full */
    struct weir_rows noted; /* in their milder form */
    struct weir_rows spare; /* of found: those that are no reason to drop the packet */
    struct weir_evidence evidence;
    struct weir_evidence fresh; /* what the row that runs writes */
};

WEIR_FN void weir_hits_begin(struct weir_hits *h)
{
    __builtin_memset(h, 0, sizeof(*h));
    h->evidence.row = WEIR_ROW_MAX;
}

WEIR_FN bool weir_hits_any(const struct weir_hits *h)
{
    return h->found.w[0] | h->found.w[1] | h->noted.w[0] | h->noted.w[1];
}

WEIR_FN void weir_hits_take(struct weir_hits *h, __u32 row, enum weir_hit hit)
{
    if (hit == WEIR_NOTED) {
        weir_rows_set(&h->noted, row);
        return;
    }
    weir_rows_set(&h->found, row);
    if (hit == WEIR_SPARED)
        weir_rows_set(&h->spare, row);
    if (row >= h->evidence.row)
        return;
    h->evidence = h->fresh;
    h->evidence.row = row;
}
