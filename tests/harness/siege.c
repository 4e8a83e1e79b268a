/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"
#include "harness/siege.h"

#include <stdio.h>
#include <stdlib.h>

/* When rows held, as a siege went. */
struct seen {
    __u64 first_ns[WEIR_ROW_MAX], last_ns[WEIR_ROW_MAX];
    __u64 dropped[WEIR_ROW_MAX]; /* packets that it was a reason to drop */
};

static bool is_of_target(__u32 row)
{
    return weir_row_surge(row) < WEIR_SURGES;
}

static void note(struct seen *s, const struct weir_defender *d, const struct weir_shot *shot)
{
    for (__u32 row = 0; row < WEIR_ROW_MAX; row++) {
        if (!(d->in.hits.found.w[row >> 6] >> (row & 63) & 1))
            continue;
        if (!s->first_ns[row])
            s->first_ns[row] = shot->now_ns;
        s->last_ns[row] = shot->now_ns;
        s->dropped[row] +=
            d->decision.enforced && !(d->in.hits.spare.w[row >> 6] >> (row & 63) & 1);
    }
}

static __u32 ms_of(__u64 ns)
{
    return (__u32)(ns / 1000000 - 1000 * 1000);
}

static bool fault(const struct weir_siege *g, const char *row, const char *what, __u32 value)
{
    (void)fprintf(stderr, "%s: %s: %s (%u)\n", g->name, row, what, value);
    return false;
}

static bool holds(const struct weir_siege *g, const struct weir_rise *r, const struct seen *s)
{
    __u32 row = weir_row_by_name(r->row), first, last;

    if (row >= WEIR_ROW_MAX || !s->first_ns[row])
        return fault(g, r->row, "never held", 0);
    first = ms_of(s->first_ns[row]);
    last = ms_of(s->last_ns[row]);
    if (first < r->after_ms || first > r->before_ms)
        return fault(g, r->row, "first held at another time", first);
    if (r->until_ms && last > r->until_ms)
        return fault(g, r->row, "held for too long", last);
    if (!s->dropped[row] == r->drops)
        return fault(g, r->row, "packets dropped", (__u32)s->dropped[row]);
    return true;
}

static bool nothing_else(const struct weir_siege *g, const struct seen *s)
{
    bool ok = true;

    for (__u32 row = 0; row < WEIR_ROW_MAX; row++) {
        struct weir_rows one = { { 0, 0 } };
        char text[WEIR_ROWS_TEXT];
        bool told = false;

        if (!is_of_target(row) || !s->first_ns[row])
            continue;
        weir_rows_set(&one, row);
        (void)weir_rows_text(&one, text);
        for (int i = 0; i < SIEGE_RISES && g->rise[i].row; i++)
            told |= !strcmp(g->rise[i].row, text);
        if (!told)
            ok = fault(g, text, "held, which nobody expected", ms_of(s->first_ns[row]));
    }
    return ok;
}

static bool mood_is(const struct weir_siege *g, const struct weir_defender *d, int i)
{
    const struct weir_dest *s = weir_defender_service(d);

    if (s && s->state == g->mood[i].state)
        return true;
    return fault(g, "state", s ? "is another" : "no record", s ? s->state : 0);
}

static bool run(const struct weir_siege *g, enum weir_mode mode)
{
    struct weir_defender *d = malloc(sizeof(*d));
    struct weir_march *m = weir_march_new(g);
    const struct weir_shot *shot;
    struct seen seen = { 0 };
    bool ok = true, forged = false;
    __u32 again_dropped = 0;
    int mood = 0;

    if (!d)
        abort();
    weir_defender_init(d, mode);
    while ((shot = weir_march_next(m))) {
        for (; mood < SIEGE_MOODS && g->mood[mood].at_ms &&
               g->mood[mood].at_ms <= ms_of(shot->now_ns);
             mood++)
            ok &= mood_is(g, d, mood);
        weir_defender_shot(d, shot);
        if (!shot->stream)
            continue;
        note(&seen, d, shot);
        if (shot->stream->innocent && d->decision.drop)
            ok = fault(g, "an innocent packet", "dropped", ms_of(shot->now_ns));
        if (shot->stream->patient && shot->step && d->decision.drop)
            ok = fault(g, "who came again", "dropped", ms_of(shot->now_ns));
        again_dropped += shot->stream->forged && shot->step && d->decision.drop;
        forged |= shot->stream->forged;
    }
    for (int i = 0; mode == WEIR_MODE_ENFORCE && i < SIEGE_RISES && g->rise[i].row; i++)
        ok &= holds(g, &g->rise[i], &seen);
    ok &= nothing_else(g, &seen);
    if (forged && mode == WEIR_MODE_ENFORCE && !again_dropped)
        ok = fault(g, "copies", "none dropped", 0);
    weir_march_free(m);
    free(d);
    return ok;
}

void weir_expect_sieges(const char *row)
{
    size_t n, found = 0, silent = 0, bad = 0;
    const struct weir_siege *g = weir_sieges(&n);

    for (size_t i = 0; i < n; i++) {
        bool about = false;

        if (strncmp(g[i].name, row, strlen(row)) != 0 || g[i].name[strlen(row)] != ':')
            continue;
        bad += !run(&g[i], WEIR_MODE_OBSERVE);
        bad += !run(&g[i], WEIR_MODE_ENFORCE);
        for (int k = 0; k < SIEGE_RISES && g[i].rise[k].row; k++)
            about |= !strcmp(g[i].rise[k].row, row);
        found += about;
        silent += !about;
    }
    if (bad || !found || !silent)
        fail_msg(
            "%s: %zu runs failed; %zu sieges show it, %zu do not: expected at least one of each",
            row, bad, found, silent);
}
