/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/repeats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/hash.h"
#include "dataplane/suppress.h"

struct repeat {
    struct weir_suppress run; /* count 0: free */
    struct weir_event last;
};

struct weir_repeats {
    struct weir_hash_key key;
    weir_repeats_sink sink;
    void *ctx;
    struct repeat place[WEIR_REPEATS];
};

int weir_repeats_new(const struct weir_hash_key *key, weir_repeats_sink sink, void *ctx,
                     struct weir_repeats **ret)
{
    struct weir_repeats *r = calloc(1, sizeof(*r));

    if (!r)
        return -ENOMEM;
    r->key = *key;
    r->sink = sink;
    r->ctx = ctx;
    *ret = r;
    return 0;
}

void weir_repeats_free(struct weir_repeats *r)
{
    free(r);
}

/* The last event has neither evidence nor packet: it stands for all of them. */
static void end(struct weir_repeats *r, struct repeat *at)
{
    if (at->run.count && weir_suppress_owes(&at->run)) {
        struct weir_event ev = at->last;

        ev.first_ns = at->run.first_ns;
        ev.count = at->run.count;
        ev.flags |= WEIR_EVENT_FINAL;
        ev.frame_bytes = 0;
        memset(ev.evidence, 0, sizeof(ev.evidence));
        r->sink(r->ctx, &ev);
    }
    *at = (struct repeat){ 0 };
}

void weir_repeats_note(struct weir_repeats *r, const struct weir_event *ev)
{
    uint64_t hash = weir_hash_end(&r->key, ev->src, (__u16)ev->evidence[0], ev->ip_version == 4);
    struct repeat *at = &r->place[hash & (WEIR_REPEATS - 1)];
    bool same = at->run.count && !memcmp(at->last.src, ev->src, sizeof(ev->src)) &&
                at->last.evidence[0] == ev->evidence[0];

    if (!same || weir_suppress_over(&at->run, ev->ts_ns))
        end(r, at);
    at->last = *ev;
    if (!weir_suppress_note(&at->run, ev->ts_ns))
        return;
    at->last.first_ns = at->run.first_ns;
    at->last.count = at->run.count;
    r->sink(r->ctx, &at->last);
}

void weir_repeats_sweep(struct weir_repeats *r, uint64_t now_ns, bool all)
{
    for (unsigned i = 0; i < WEIR_REPEATS; i++)
        if (r->place[i].run.count && (all || weir_suppress_over(&r->place[i].run, now_ns)))
            end(r, &r->place[i]);
}
