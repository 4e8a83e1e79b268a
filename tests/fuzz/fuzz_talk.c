/* SPDX-License-Identifier: Apache-2.0 */

/* Any packets of two hosts, in any order, through connection tracking and all rows. The first byte
 * says on what terms; then moves (harness/move.h). What must hold whatever they are:
 * a packet that is refused changes nothing that later ones are judged by, nobody writes the other
 * side's half of an open connection, numbers only go up, and the same conversation with other
 * initial numbers is judged the same. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/move.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MOVES 64

static void fail(const char *what, size_t move)
{
    (void)fprintf(stderr, "move %zu: %s\n", move + 1, what);
    abort();
}

static bool same_judged(const struct weir_flow_side *a, const struct weir_flow_side *b)
{
    return a->end == b->end && a->edge == b->edge && a->ack == b->ack && a->maxwin == b->maxwin &&
           a->bonus == b->bonus && a->tsval == b->tsval && a->packets == b->packets;
}

/* Exactly one record for the two hosts, where its state belongs. */
static void check_tables(struct weir_talker *k, size_t move)
{
    int flows = 0, half = 0;

    for (int i = 0; i < WEIR_WAYS; i++) {
        flows += k->flow_ways.tag[i] != 0;
        half += k->half_ways.tag[i] != 0;
    }
    if (flows + half > 1)
        fail("two records of one connection", move);
    if (k->conn.flow && k->conn.proven != (flows == 1))
        fail("the record is not where it is said to be", move);
}

static void check_rows(const struct weir_talker *k, size_t move)
{
    const struct weir_hits *h = &k->in.hits;

    if ((h->found.w[0] & h->noted.w[0]) | (h->found.w[1] & h->noted.w[1]))
        fail("a row is found or noted, not both", move);
    if (weir_hits_any(h) && !k->t.facts)
        fail("no hit without a fact", move);
    if (h->evidence.row != weir_rows_first(&h->found))
        fail("evidence is of the most specific row", move);
}

/* before: the record as it was, when there was one. */
static void check_record(const struct weir_talker *k, const struct weir_flow *before, size_t move)
{
    const struct weir_flow *f = k->conn.flow;
    const struct weir_track *t = &k->t;
    int side = t->side & 1;
    const struct weir_flow_side *s = &f->side[side], *was = &before->side[side];

    if (t->clock & WEIR_CLOCK_START || !(before->marks & WEIR_FLOW_PERF))
        return;
    if (t->facts & WEIR_FACTS_REFUSED & ~WEIR_FACT_DATA_AFTER_RST && !same_judged(s, was))
        fail("a refused packet was taken", move);
    if (!weir_flow_is_open(before))
        return;
    if (memcmp(&f->side[!side], &before->side[!side], sizeof(*s)) != 0)
        fail("the other side's half was written", move);
    if (was->flags & WEIR_SIDE_SEEN &&
        (weir_before(s->end, was->end) || s->packets < was->packets ||
         (was->flags & WEIR_SIDE_ACKED && weir_before(s->ack, was->ack))))
        fail("numbers went down", move);
}

struct told {
    __u64 facts;
    struct weir_rows found, noted;
    __u8 moment;
};

/* The talk with numbers shifted; false: a number is 0, so that nothing can be compared. */
static bool run(const uint8_t *data, size_t moves, const struct weir_move_shift *shift,
                struct told *ret_told)
{
    static struct weir_talker k;
    static struct weir_move m;
    const struct weir_terms terms = { .gaps = data[0] & 1,
                                      .liberal = data[0] & 2,
                                      .window_max = data[0] & 4 ? 1 << 20 : 0 };

    weir_talker_init(&k);
    for (size_t i = 0; i < moves; i++) {
        struct weir_flow before, *f = weir_move_flow(&k);

        weir_move_build(&m, &k, data + 1 + i * WEIR_MOVE_BYTES, shift);
        if (m.zero)
            return false;
        if (f)
            before = *f;
        k.now_ns += m.after_ns;
        weir_talker_frame(&k, m.b, m.bytes, m.bytes, m.server, &terms);
        check_tables(&k, i);
        check_rows(&k, i);
        if (f && k.conn.flow)
            check_record(&k, &before, i);
        ret_told[i] = (struct told){ .facts = k.t.facts,
                                     .found = k.in.hits.found,
                                     .noted = k.in.hits.noted,
                                     .moment = k.t.moment };
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct weir_move_shift shifts[] = {
        { .number = { 1000, 500000 } },
        { .number = { 3u << 30, 1u << 31 }, .clock = { 1u << 31, 3u << 30 } },
    };
    static struct told told[2][MOVES];
    size_t moves = size < 1 ? 0 : (size - 1) / WEIR_MOVE_BYTES;

    if (moves < 1 || moves > MOVES)
        return 0;
    memset(told, 0, sizeof(told));
    if (!run(data, moves, &shifts[0], told[0]) || !run(data, moves, &shifts[1], told[1]))
        return 0;
    for (size_t i = 0; i < moves; i++)
        if (memcmp(&told[0][i], &told[1][i], sizeof(told[0][i])) != 0)
            fail("other numbers, another verdict", i);
    return 0;
}
