/* SPDX-License-Identifier: Apache-2.0 */

/* The window inequalities against another hand: what Linux connection tracking says of the same
 * segment (the rules of DETECTIONS 2.1, written down here in conntrack's own form, in which a
 * packet writes both halves). Random conversations; each step starts from the core's record, so
 * that one difference is not carried on. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "dataplane/flow.h"
#include "harness/random.h"

#define ROUNDS 2000
#define STEPS 60
#define ACK_WINDOW 66000u

struct half {
    __u32 end, maxend, maxwin;
};

/* Either direction as conntrack keeps it: the sender's maxend is what the receiver advertised. */
struct tracked {
    struct half sender, receiver;
};

struct segment {
    __u32 seq, end, ack, sack, win;
};

enum verdict {
    ACCEPTED,
    OVERRUN,
    SEQ_OVER,
    ACK_OVER,
    SEQ_UNDER,
    ACK_UNDER
};

static const __u64 fact_of[] = {
    [OVERRUN] = WEIR_FACT_OVERRUN,     [SEQ_OVER] = WEIR_FACT_SEQ_OVER,
    [ACK_OVER] = WEIR_FACT_ACK_OVER,   [SEQ_UNDER] = WEIR_FACT_SEQ_UNDER,
    [ACK_UNDER] = WEIR_FACT_ACK_UNDER,
};
#define INEQUALITIES                                                                               \
    (WEIR_FACT_OVERRUN | WEIR_FACT_SEQ_OVER | WEIR_FACT_ACK_OVER | WEIR_FACT_SEQ_UNDER |           \
     WEIR_FACT_ACK_UNDER)

static bool above(__u32 a, __u32 b)
{
    return (__s32)(a - b) > 0;
}

static bool not_below(__u32 a, __u32 b)
{
    return (__s32)(a - b) >= 0;
}

static enum verdict judge(const struct tracked *t, const struct segment *g)
{
    const struct half *s = &t->sender, *r = &t->receiver;
    __u32 ack_window = s->maxwin > ACK_WINDOW ? s->maxwin : ACK_WINDOW;
    bool lower_data = !r->maxwin || not_below(g->end, s->end - r->maxwin);
    bool upper_ack = !above(g->sack, r->end);
    bool lower_ack = not_below(g->sack, r->end - ack_window);

    if (above(g->seq, s->maxend))
        return lower_data && upper_ack && lower_ack && g->end - s->maxend + 1 <= r->maxwin
                   ? OVERRUN
                   : SEQ_OVER;
    if (!upper_ack)
        return ACK_OVER;
    if (!lower_data)
        return SEQ_UNDER;
    return lower_ack ? ACCEPTED : ACK_UNDER;
}

static void update(struct tracked *t, const struct segment *g)
{
    struct half *s = &t->sender, *r = &t->receiver;
    __u32 win = g->win + (g->sack - g->ack);

    if (win > s->maxwin)
        s->maxwin = win;
    if (above(g->end, s->maxend))
        r->maxwin += g->end - s->maxend;
    if (above(g->end, s->end))
        s->end = g->end;
    if (not_below(g->sack + g->win, r->maxend)) {
        r->maxend = g->sack + g->win;
        if (!g->win)
            r->maxend++;
    }
}

/* The core's record in conntrack's form. What the receiver's window grew by because the sender
 * overran it (bonus) stands in the sender's half. */
static struct tracked as_tracked(const struct weir_flow_side *s, const struct weir_flow_side *r)
{
    return (struct tracked){
        .sender = { .end = s->end, .maxend = r->edge, .maxwin = s->maxwin },
        .receiver = { .end = r->end, .maxend = s->edge, .maxwin = r->maxwin + s->bonus },
    };
}

/* Near one of the edges that the inequalities are about, or anywhere. */
static __u32 near(struct weir_random *r, __u32 at)
{
    static const __u32 spread[] = { 1, 3, 1500, 70000, 1u << 21 };
    __u32 by = spread[weir_random_below(r, 5)];

    return weir_random_below(r, 40) ? at + weir_random_below(r, 2 * by + 1) - by
                                    : (__u32)weir_random_next(r);
}

static void draw(struct weir_random *dice, const struct weir_flow *f, int side, struct weir_pkt *p)
{
    const struct weir_flow_side *s = &f->side[side], *r = &f->side[!side];
    const __u32 seqs[] = { s->end, r->ack, r->edge, s->end - r->maxwin };
    const __u32 acks[] = { r->end, s->ack, r->end - ACK_WINDOW, r->end - s->maxwin };

    *p = (struct weir_pkt){ .outcome = WEIR_OUTCOME_TCP, .tcp_flags = WEIR_ACK, .ttl = 64 };
    p->payload_bytes = weir_random_below(dice, 3) ? weir_random_below(dice, 1461) : 0;
    p->seq = weir_random_below(dice, 2) ? s->end : near(dice, seqs[weir_random_below(dice, 4)]);
    p->ack = weir_random_below(dice, 2) ? r->end : near(dice, acks[weir_random_below(dice, 4)]);
    p->window = (__u16)(weir_random_below(dice, 8) ? weir_random_next(dice) : 0);
    if (!weir_random_below(dice, 6)) {
        p->sack_off = 1;
        p->sack_high = weir_later(near(dice, r->end), p->ack); /* as the parser promises */
    }
}

static void open_flow(struct weir_random *dice, struct weir_flow *f)
{
    memset(f, 0, sizeof(*f));
    f->marks = WEIR_FLOW_PERF;
    for (int i = 0; i < WEIR_SIDES; i++) {
        struct weir_flow_side *s = &f->side[i];

        s->isn = (__u32)weir_random_next(dice);
        s->end = s->isn + 1;
        s->flags = WEIR_SIDE_SEEN | WEIR_SIDE_SYN | WEIR_SIDE_ACKED | WEIR_SIDE_WSCALE;
        s->flags |= weir_random_below(dice, 2) ? WEIR_SIDE_SACK : 0;
        s->wscale = (__u8)weir_random_below(dice, 9);
        s->maxwin = 1 + weir_random_below(dice, 65535);
        s->ttl = 64;
    }
    for (int i = 0; i < WEIR_SIDES; i++) {
        f->side[i].ack = f->side[!i].end;
        f->side[i].edge = f->side[i].ack + f->side[i].maxwin;
    }
}

static __u64 seen[ACK_UNDER + 1];

static void step(struct weir_random *dice, struct weir_flow *f, __u32 tick, __u64 seed)
{
    int side = (int)weir_random_below(dice, 2);
    struct weir_flow_side *s = &f->side[side], *r = &f->side[!side];
    struct weir_track t = { .tick = tick, .fine = tick << 10, .side = (__u8)side };
    struct tracked before = as_tracked(s, r), after = before, now;
    struct weir_pkt p;
    struct segment g;
    enum verdict v;
    __u32 behind;

    draw(dice, f, side, &p);
    g = (struct segment){ .seq = p.seq,
                          .end = p.seq + p.payload_bytes,
                          .ack = p.ack,
                          .sack = p.ack,
                          .win = (__u32)p.window << s->wscale };
    /* A block ends between what is acknowledged and what was sent, or it is none. */
    if (p.sack_off && r->flags & WEIR_SIDE_SACK && !above(p.sack_high, r->end))
        g.sack = p.sack_high;
    v = judge(&before, &g);
    seen[v]++;
    behind = s->end - r->edge;
    (void)weir_flow_track(&t, f, &p);
    if (v == ACCEPTED ? t.facts & INEQUALITIES : !(t.facts & fact_of[v]))
        fail_msg("seed %#llx: conntrack says %d, the core has facts %#llx",
                 (unsigned long long)seed, v, (unsigned long long)t.facts);
    now = as_tracked(s, r);
    if (v != ACCEPTED && v != OVERRUN) {
        assert_memory_equal(&now, &before, sizeof(now));
        return;
    }
    if (v == OVERRUN) { /* the core takes the rest of the segment, too */
        assert_int_equal(now.sender.end,
                         above(g.end, before.sender.end) ? g.end : before.sender.end);
        return;
    }
    update(&after, &g);
    assert_int_equal(now.sender.end, after.sender.end);
    assert_int_equal(now.sender.maxwin, after.sender.maxwin);
    assert_int_equal(now.receiver.end, after.receiver.end);
    assert_int_equal(now.receiver.maxend, after.receiver.maxend);
    assert_int_equal(now.sender.maxend, after.sender.maxend);
    /* Bytes beyond the edge count once here, with each retransmission there. */
    if ((__s32)behind <= 0)
        assert_int_equal(now.receiver.maxwin, after.receiver.maxwin);
    else
        assert_true(now.receiver.maxwin <= after.receiver.maxwin);
}

static void same_as_conntrack(void **state)
{
    (void)state;
    for (__u64 round = 0; round < ROUNDS; round++) {
        struct weir_random dice = { .state = round };
        struct weir_flow f;

        open_flow(&dice, &f);
        for (__u32 i = 0; i < STEPS; i++)
            step(&dice, &f, 1000 + i, round);
    }
    for (size_t v = 0; v < sizeof(seen) / sizeof(seen[0]); v++)
        assert_true(seen[v] > ROUNDS / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(same_as_conntrack) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
