/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* One event per step of an incident, not per packet: at counts 1, 2, 4, 8 ... of one detection from
 * one source, and once more with the exact count when it has been quiet for WEIR_QUIET_NS (the same
 * idea as Suricata's threshold type backoff). The host keeps the records, by detection and source,
 * and sends the last event when weir_suppress_over() says so. */

#include "abi/event.h"
#include "dataplane/fn.h"

struct weir_suppress {
    __u64 first_ns; /* of the running incident; 0 in a fresh record */
    __u64 last_ns;
    __u64 count;    /* exact */
    __u64 reported; /* count in the newest event */
};

/* Quiet long enough. The clock may step back (captures do): then it is not over. */
WEIR_FN bool weir_suppress_over(const struct weir_suppress *s, __u64 now_ns)
{
    return now_ns > s->last_ns && now_ns - s->last_ns >= WEIR_QUIET_NS;
}

/* An event that is still owed for the incident: its exact count was not reported. */
WEIR_FN bool weir_suppress_owes(const struct weir_suppress *s)
{
    return s->count > s->reported;
}

/* Count n at once; true when they are to be reported. The caller ends an incident that is over
 * first. */
WEIR_FN bool weir_suppress_add(struct weir_suppress *s, __u64 n, __u64 now_ns)
{
    if (!s->count)
        s->first_ns = now_ns;
    s->last_ns = now_ns;
    s->count += n;
    if (s->count < s->reported * 2)
        return false;
    s->reported = s->count;
    return true;
}

/* The same for one packet. */
WEIR_FN bool weir_suppress_note(struct weir_suppress *s, __u64 now_ns)
{
    return weir_suppress_add(s, 1, now_ns);
}
