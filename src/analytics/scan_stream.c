/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "analytics/scan_live.h"

static uint8_t source_of(const struct weir_scan_live *x, const uint8_t addr[16])
{
    uint8_t n = 0;

    while (n + 1 < x->i.sources && memcmp(x->i.source[n], addr, 16))
        n++;
    return n;
}

static struct weir_scan_stream *stream_of(struct weir_scan_live *x, uint16_t detection,
                                          uint8_t source)
{
    for (int n = 0; n < WEIR_SCAN_STREAMS; n++) {
        struct weir_scan_stream *at = &x->stream[n];

        if (!at->detection)
            *at = (struct weir_scan_stream){ .detection = detection, .source = source };
        if (at->detection == detection && at->source == source)
            return at;
    }
    return NULL;
}

/* The steps of dataplane/suppress.h over all counts of a stream; the first has its own events, and
 * of the others the exact number is in the scan's. */
static bool is_more(const struct weir_scan_live *x, const struct weir_scan_stream *at,
                    const struct weir_event *ev)
{
    if (!at->again || !x->told)
        return false;
    return ev->flags & WEIR_EVENT_FINAL || at->total < at->told * 2;
}

uint64_t weir_scan_stream_note(struct weir_scan_live *x, const struct weir_event *ev,
                               bool *ret_more)
{
    struct weir_scan_stream *at = stream_of(x, ev->detection, source_of(x, ev->src));
    uint64_t fresh = ev->count;

    *ret_more = false;
    if (!at)
        return 1;
    /* Counts go up; where they begin anew there was a pause. */
    if (at->count && (ev->count < at->count || ev->count == 1))
        at->again = 1;
    else
        fresh -= at->count;
    at->count = ev->count;
    at->total += fresh;
    *ret_more = is_more(x, at, ev);
    if (!*ret_more)
        at->told = at->total;
    return fresh;
}

void weir_scan_stream_merge(struct weir_scan_live *into, const struct weir_scan_live *x,
                            uint8_t base)
{
    int at = 0;

    for (int n = 0; n < WEIR_SCAN_STREAMS && x->stream[n].detection; n++) {
        while (at < WEIR_SCAN_STREAMS && into->stream[at].detection)
            at++;
        if (at == WEIR_SCAN_STREAMS)
            return;
        into->stream[at] = x->stream[n];
        into->stream[at].source = (uint8_t)(into->stream[at].source + base);
    }
}
