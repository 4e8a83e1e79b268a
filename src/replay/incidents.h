/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Running incidents, one record for each detection and source, in memory of a fixed size. Decides
 * which packets become events (dataplane/suppress.h) and sends the last event of an incident that
 * is over. */

#include <stddef.h>
#include <stdint.h>

#include "abi/event.h"

struct weir_incidents;

typedef void (*weir_event_sink)(void *ctx, const struct weir_event *ev);

struct weir_incidents_stats {
    uint64_t packets;    /* that were noted */
    uint64_t events;     /* sent */
    uint64_t suppressed; /* packets whose event was held back; their count is in a later event */
    uint64_t
        evicted; /* incidents ended early, with their exact count, because the table was full */
    size_t used;
    size_t size;
};

/* memory_bytes: the table never takes more; most: records. -ENOMEM, -EINVAL when that is too little
 * for one. */
int weir_incidents_new(size_t memory_bytes, size_t most, weir_event_sink sink, void *ctx,
                       struct weir_incidents **ret);
void weir_incidents_free(struct weir_incidents *t);
void weir_incidents_freep(struct weir_incidents **t);

/* ev: the packet's facts, of any count; row: its detection's row. Returns the count of the event
 * that was sent, 0 without one. */
uint64_t weir_incidents_note(struct weir_incidents *t, unsigned row, const struct weir_event *ev);
/* End what has been quiet long enough. Cheap: call for every packet. */
void weir_incidents_sweep(struct weir_incidents *t, uint64_t now_ns);
void weir_incidents_end_all(struct weir_incidents *t);
struct weir_incidents_stats weir_incidents_stats(const struct weir_incidents *t);
