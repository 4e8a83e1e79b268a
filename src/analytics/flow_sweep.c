/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/flow_sweep.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_NS 1000000000ULL
#define BEGIN_SPINS 100000 /* far longer than a packet takes to begin a record */

/* nf_conntrack_proto_tcp.c, tcp_timeouts[]; STRAY as its "unacknowledged". */
static const uint16_t seconds[WEIR_STATE_MAX] = {
    [WEIR_STATE_STRAY] = 300,
    [WEIR_STATE_SYN_SENT] = 120,
    [WEIR_STATE_SYN_RECV] = 60,
    [WEIR_STATE_FIN_WAIT] = 120,
    [WEIR_STATE_CLOSE_WAIT] = 60,
    [WEIR_STATE_LAST_ACK] = 30,
    [WEIR_STATE_TIME_WAIT] = WEIR_FLOW_SETTLE_S,
    [WEIR_STATE_CLOSE] = WEIR_FLOW_SETTLE_S,
};

static uint32_t stamp_of(uint32_t ticks)
{
    return ticks / WEIR_STAMP_TICKS;
}

void weir_sweep_init(struct weir_sweep *s, const struct weir_sweep_config *c)
{
    uint32_t idle = WEIR_TICKS(c->idle_s ? c->idle_s : WEIR_FLOW_IDLE_S);

    memset(s, 0, sizeof(*s));
    s->c = *c;
    for (unsigned state = 0; state < WEIR_STATE_MAX; state++) {
        s->limit[state] = WEIR_TICKS(seconds[state]);
        if (state == WEIR_STATE_ESTABLISHED || s->limit[state] > idle)
            s->limit[state] = idle;
    }
    /* A stamp is never younger than its record's newest packet. An attempt is judged by its start,
     * and an RST makes it fail at once. */
    s->least[WEIR_CLASS_DONE] = c->half_open ? 0 : stamp_of(s->limit[WEIR_STATE_CLOSE]);
    s->least[WEIR_CLASS_STRAY] = stamp_of(s->limit[WEIR_STATE_STRAY]);
    s->least[WEIR_CLASS_ASKED] = s->least[WEIR_CLASS_ANSWERED] = stamp_of(WEIR_TICKS(1));
    s->least[WEIR_CLASS_CLOSING] = stamp_of(s->limit[WEIR_STATE_LAST_ACK]);
    s->least[WEIR_CLASS_PROVEN] = stamp_of(idle);
}

static uint32_t tag_read(const struct weir_ways *ways, uint32_t way)
{
    return __atomic_load_n(&ways->tag[way], __ATOMIC_ACQUIRE);
}

bool weir_flow_snapshot(const struct weir_ways *ways, const struct weir_flow_set *set, uint32_t way,
                        struct weir_flow *ret)
{
    const struct weir_flow *f = &set->flow[way];
    uint32_t tag = tag_read(ways, way);

    memcpy(ret, f, sizeof(*ret));
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    for (unsigned i = 0; i < WEIR_SIDES; i++)
        if (__atomic_load_n(&f->side[i].packets, __ATOMIC_RELAXED) != ret->side[i].packets ||
            __atomic_load_n(&f->side[i].last_tick, __ATOMIC_RELAXED) != ret->side[i].last_tick)
            return false;
    if (!tag || tag_read(ways, way) != tag || !ret->start_ns ||
        __atomic_load_n(&f->start_ns, __ATOMIC_RELAXED) != ret->start_ns)
        return false;
    weir_flow_perf(ret);
    return true;
}

/* enum weir_attempt_failure, or WEIR_ATTEMPT_MAX. */
static unsigned failure_of(const struct weir_flow *f, enum weir_flow_state state, uint64_t now_ns)
{
    const struct weir_flow_side *server = &f->side[WEIR_SIDE_SERVER];
    bool waited = now_ns > f->start_ns && now_ns - f->start_ns >= WEIR_ATTEMPT_S * SECOND_NS;

    if (f->origin != WEIR_ORIGIN_SYN || weir_flow_is_open(f))
        return WEIR_ATTEMPT_MAX;
    if (state == WEIR_STATE_CLOSE)
        return server->flags & WEIR_SIDE_RST && !(server->flags & WEIR_SIDE_SYN)
                   ? WEIR_ATTEMPT_REFUSED
                   : WEIR_ATTEMPT_ABORTED;
    if (!waited)
        return WEIR_ATTEMPT_MAX;
    return state == WEIR_STATE_SYN_RECV ? WEIR_ATTEMPT_UNFINISHED : WEIR_ATTEMPT_SILENT;
}

static void attempt_tell(struct weir_sweep *s, struct weir_flow *at, const struct weir_flow *f,
                         unsigned failure)
{
    struct weir_attempt a = { .sport = f->sport,
                              .dport = f->dport,
                              .ifindex = f->ifindex,
                              .start_ns = f->start_ns,
                              .failure = failure,
                              .syns = 1U + (f->again & 15) };

    if (f->marks & WEIR_FLOW_TOLD || weir_flow_mark(at, WEIR_FLOW_TOLD) & WEIR_FLOW_TOLD)
        return;
    memcpy(a.src, f->src, sizeof(a.src));
    memcpy(a.dst, f->dst, sizeof(a.dst));
    s->n.attempts[failure]++;
    s->c.attempt(&a, s->c.arg);
}

/* Did the mark hit the next connection of the same ends? Its writer clears the start, then the
 * marks, then enters its own start. */
static bool marked_another(struct weir_flow *at, const struct weir_flow *f)
{
    uint64_t start_ns = __atomic_load_n(&at->start_ns, __ATOMIC_ACQUIRE);

    for (unsigned i = 0; !start_ns && i < BEGIN_SPINS; i++)
        start_ns = __atomic_load_n(&at->start_ns, __ATOMIC_ACQUIRE);
    return start_ns != f->start_ns;
}

static void flow_tell(struct weir_sweep *s, struct weir_flow *at, const struct weir_flow *f,
                      enum weir_flow_end why)
{
    if (f->marks & WEIR_FLOW_REPORTED ||
        weir_flow_mark(at, WEIR_FLOW_REPORTED) & WEIR_FLOW_REPORTED)
        return;
    if (s->c.shared && marked_another(at, f)) {
        s->n.contended++;
        if (!(weir_flow_unmark(at, WEIR_FLOW_REPORTED) & WEIR_FLOW_REPORTED))
            s->n.lost++;
        return;
    }
    s->n.ended[why]++;
    s->c.ended(f, why, s->c.arg);
}

static void way_free(struct weir_sweep *s, uint32_t set, uint32_t way, uint32_t tag)
{
    if (__sync_bool_compare_and_swap(&s->c.ways[set].tag[way], tag, 0))
        s->n.freed++;
}

static void way_give_up(struct weir_sweep *s, uint32_t set, uint32_t way, const struct weir_flow *f)
{
    uint32_t tag = tag_read(&s->c.ways[set], way);

    if (!s->c.shared)
        way_free(s, set, way, tag);
    else if (s->held < WEIR_SWEEP_HELD)
        s->hold[s->held++] = (struct weir_sweep_held){ set, way, tag, weir_flow_newest(f) };
}

static void held_free(struct weir_sweep *s)
{
    for (uint32_t i = 0; i < s->held; i++) {
        const struct weir_sweep_held *h = &s->hold[i];
        struct weir_flow f;

        if (weir_flow_snapshot(&s->c.ways[h->set], &s->c.set[h->set], h->way, &f) &&
            weir_flow_newest(&f) == h->last_tick)
            way_free(s, h->set, h->way, h->tag);
    }
    s->held = 0;
}

/* The record as it stands, or NULL when it is being written. */
static const struct weir_flow *record_read(const struct weir_sweep *s, uint32_t set, uint32_t way,
                                           struct weir_flow *copy)
{
    struct weir_flow *f = &s->c.set[set].flow[way];

    if (s->c.shared)
        return weir_flow_snapshot(&s->c.ways[set], &s->c.set[set], way, copy) ? copy : NULL;
    weir_flow_perf(f);
    return f;
}

static void way_look(struct weir_sweep *s, uint32_t set, uint32_t way, uint64_t now_ns)
{
    struct weir_flow *at = &s->c.set[set].flow[way], copy;
    const struct weir_flow *f = record_read(s, set, way, &copy);
    enum weir_flow_state state;
    uint32_t quiet;
    unsigned failure;
    bool over;

    if (!f)
        return; /* it lives: the next pass sees how it goes on */
    state = weir_flow_state(f);
    over = state == WEIR_STATE_TIME_WAIT || state == WEIR_STATE_CLOSE;
    quiet = weir_flow_quiet(f, (uint32_t)(now_ns >> WEIR_TICK_SHIFT));
    failure = failure_of(f, state, now_ns);
    if (failure < WEIR_ATTEMPT_MAX)
        attempt_tell(s, at, f, failure);
    if (quiet < s->limit[state])
        return;
    flow_tell(s, at, f, over ? WEIR_END_CLOSED : WEIR_END_TIMEOUT);
    if (!over || quiet >= WEIR_TICKS(WEIR_FLOW_TOMBSTONE_S))
        way_give_up(s, set, way, f);
}

static void set_look(struct weir_sweep *s, uint32_t set, uint64_t now_ns)
{
    const struct weir_ways *w = &s->c.ways[set];
    uint32_t tick = (uint32_t)(now_ns >> WEIR_TICK_SHIFT);
    bool used = false;

    for (uint32_t way = 0; way < WEIR_WAYS; way++) {
        uint32_t stamp, class;

        if (!tag_read(&s->c.ways[set], way))
            continue;
        used = true;
        stamp = __atomic_load_n(&w->stamp[way], __ATOMIC_RELAXED);
        class = weir_stamp_class(stamp);
        if (class < WEIR_CLASS_MAX && weir_stamp_age(stamp, tick) >= s->least[class])
            way_look(s, set, way, now_ns);
    }
    if (!used && s->c.used)
        s->c.used[set / 64] &= ~(1ULL << set % 64);
}

/* Step from `set` to the first at or behind it that may hold a record. False: none of this word. */
static bool set_used(const struct weir_sweep *s, uint32_t *set)
{
    uint64_t left = s->c.used ? s->c.used[*set / 64] >> *set % 64 : 1;

    *set = left ? *set + (uint32_t)__builtin_ctzll(left) : (*set | 63) + 1;
    return left;
}

bool weir_sweep_step(struct weir_sweep *s, uint32_t steps, uint64_t now_ns)
{
    held_free(s);
    for (; steps; steps--) {
        if (set_used(s, &s->next))
            set_look(s, s->next++, now_ns);
        if (s->next >= s->c.sets) {
            s->next = 0;
            return true;
        }
    }
    return false;
}

struct place {
    uint64_t start_ns;
    uint32_t sweep;
    uint32_t record; /* set * WEIR_WAYS + way */
};

static int by_start(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    return x->start_ns < y->start_ns ? -1 : x->start_ns > y->start_ns;
}

static bool place_is(const struct weir_sweep *s, uint32_t set, uint32_t way)
{
    return tag_read(&s->c.ways[set], way) && !(s->c.set[set].flow[way].marks & WEIR_FLOW_REPORTED);
}

/* All records of sweep i that are not reported yet; how many, of which those that fit are in ret.
 */
static size_t places_find(const struct weir_sweep *s, uint32_t i, struct place *ret, size_t max)
{
    size_t found = 0;

    for (uint32_t set = 0; set < s->c.sets; set++) {
        if (!set_used(s, &set)) {
            set--;
            continue;
        }
        for (uint32_t way = 0; way < WEIR_WAYS; way++) {
            if (!place_is(s, set, way))
                continue;
            if (found == max && ret)
                return found; /* opened since they were counted */
            if (ret)
                ret[found] =
                    (struct place){ s->c.set[set].flow[way].start_ns, i, set * WEIR_WAYS + way };
            found++;
        }
    }
    return found;
}

static void place_tell(struct weir_sweep *s, uint32_t record)
{
    uint32_t set = record / WEIR_WAYS, way = record % WEIR_WAYS;
    struct weir_flow copy;
    const struct weir_flow *f = record_read(s, set, way, &copy);

    if (f) /* else its next packet is behind the end of the run */
        flow_tell(s, &s->c.set[set].flow[way], f,
                  weir_flow_is_over(f) ? WEIR_END_CLOSED : WEIR_END_SHUTDOWN);
}

int weir_sweeps_finish(struct weir_sweep *const *s, size_t n)
{
    size_t max = 0, found = 0;
    struct place *place;

    for (uint32_t i = 0; i < n; i++)
        max += places_find(s[i], i, NULL, 0);
    place = max ? malloc(max * sizeof(*place)) : NULL;
    if (!place)
        return max ? -ENOMEM : 0;
    for (uint32_t i = 0; i < n; i++)
        found += places_find(s[i], i, place + found, max - found);
    qsort(place, found, sizeof(*place), by_start);
    for (size_t i = 0; i < found; i++)
        place_tell(s[place[i].sweep], place[i].record);
    free(place);
    return 0;
}
