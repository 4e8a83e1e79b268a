/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include "abi/detection.h"
#include "analytics/isn.h"

#define SECOND 1000000000ULL
#define PORT 40000

struct served {
    struct weir_isn w;
    struct weir_event ev;
    uint64_t random;
    unsigned connections;
};

/* xorshift64*: Vigna 2016. */
static uint32_t draw(struct served *x)
{
    x->random ^= x->random >> 12;
    x->random ^= x->random << 25;
    x->random ^= x->random >> 27;
    return (uint32_t)(x->random * 2685821657736338717ULL >> 32);
}

static struct weir_flow connection(unsigned host, unsigned port, uint64_t ns, uint32_t isn)
{
    struct weir_flow f = { .src = { [10] = 0xff, [11] = 0xff, [12] = 198, 51, 100, 7 },
                           .dst = { [10] = 0xff, [11] = 0xff, [12] = 192, 0, 2, (uint8_t)host },
                           .sport = (uint16_t)(PORT + port),
                           .dport = 443,
                           .start_ns = ns,
                           .origin = WEIR_ORIGIN_SYN,
                           .marks = WEIR_FLOW_LOCAL_SERVER };

    f.side[WEIR_SIDE_CLIENT].flags = WEIR_SIDE_SEEN | WEIR_SIDE_SYN | WEIR_SIDE_ACKED;
    f.side[WEIR_SIDE_SERVER].flags = WEIR_SIDE_SEEN | WEIR_SIDE_SYN | WEIR_SIDE_ACKED;
    f.side[WEIR_SIDE_SERVER].isn = isn;
    return f;
}

/* n connections 3 to 40 ms apart, to host 1, with numbers of a generator. How many events. */
static unsigned serve(struct served *x, unsigned n, uint32_t (*isn)(struct served *, uint64_t ns))
{
    unsigned ret = 0;

    for (unsigned i = 0; i < n; i++) {
        uint64_t ns = SECOND + x->connections * 40000000ULL - draw(x) % 37000000;
        struct weir_flow f = connection(1, x->connections++ % 20000, ns, isn(x, ns));

        ret += weir_isn_take(&x->w, &f, ns, &x->ev);
    }
    return ret;
}

static uint32_t by_random(struct served *x, uint64_t ns)
{
    (void)ns;
    return draw(x);
}

static uint32_t by_64k(struct served *x, uint64_t ns) /* 4.2BSD */
{
    (void)ns;
    return x->connections * 64000;
}

static uint32_t by_draw_of_1000(struct served *x, uint64_t ns)
{
    (void)ns;
    return 7 + x->connections * 128000 + draw(x) % 1000;
}

static uint32_t by_clock_of_4_us(struct served *x, uint64_t ns) /* RFC 793 */
{
    (void)x;
    return (uint32_t)((ns + 30000) / 4000);
}

static uint32_t by_clock_of_64_ns(struct served *x, uint64_t ns) /* RFC 6528 without its secret */
{
    return (uint32_t)((ns + draw(x) % 50000) / 64);
}

static uint32_t by_even_draw(struct served *x, uint64_t ns)
{
    (void)ns;
    return draw(x) << 1;
}

static uint32_t by_nothing(struct served *x, uint64_t ns)
{
    (void)x, (void)ns;
    return 674711609;
}

static void generators(void **state)
{
    static const struct {
        const char *name;
        uint32_t (*isn)(struct served *, uint64_t);
        bool predictable;
    } cases[] = {
        { "random", by_random, false },
        { "64000 each", by_64k, true },
        { "128000 and a little each", by_draw_of_1000, true },
        { "clock of 4 us", by_clock_of_4_us, true },
        { "clock of 64 ns", by_clock_of_64_ns, true },
        { "even", by_even_draw, true },
        { "constant", by_nothing, true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        for (uint64_t seed = 1; seed <= 20; seed++) {
            struct served x = { .random = seed };

            if (serve(&x, WEIR_ISN_SAMPLES - 1, cases[i].isn))
                fail_msg("%s: before there are enough", cases[i].name);
            if (serve(&x, 1, cases[i].isn) != cases[i].predictable)
                fail_msg("%s, seed %d: bits %u step %u", cases[i].name, (int)seed, x.ev.evidence[0],
                         x.ev.evidence[1]);
            assert_int_equal(x.w.judged, 1);
        }
}

static void one_incident_that_doubles_and_ends(void **state)
{
    struct served x = { .random = 1 };

    (void)state;
    assert_int_equal(serve(&x, 5 * WEIR_ISN_SAMPLES, by_64k), 3); /* 1, 2, 4 sets */
    assert_int_equal(x.ev.detection, WEIR_DET_SEQ_PREDICTABLE_ISN);
    assert_int_equal(x.ev.count, 4 * WEIR_ISN_SAMPLES);
    assert_int_equal(x.ev.src[15], 1);
    assert_int_equal(x.ev.sport, 443);
    assert_int_equal(x.ev.ip_version, 4);
    assert_int_equal(x.ev.evidence[1], 64000);
    assert_true(weir_isn_end(&x.w, 0, &x.ev));
    assert_true(x.ev.flags & WEIR_EVENT_FINAL);
    assert_int_equal(x.ev.count, 5 * WEIR_ISN_SAMPLES);
    assert_false(weir_isn_end(&x.w, 0, &x.ev));
}

static void a_repaired_host_ends_it(void **state)
{
    struct served x = { .random = 1 };

    (void)state;
    assert_int_equal(serve(&x, 3 * WEIR_ISN_SAMPLES, by_64k), 2);
    assert_int_equal(serve(&x, WEIR_ISN_SAMPLES, by_random), 1);
    assert_true(x.ev.flags & WEIR_EVENT_FINAL);
    assert_int_equal(x.ev.count, 3 * WEIR_ISN_SAMPLES);
    assert_int_equal(serve(&x, WEIR_ISN_SAMPLES, by_random), 0);
}

/* Of the same ends the number may follow the clock (RFC 6528 3). */
static void the_same_ends_count_once(void **state)
{
    struct served x = { .random = 1 };

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        struct weir_flow f = connection(1, 5, SECOND * (i + 1), i * 64000);

        assert_false(weir_isn_take(&x.w, &f, f.start_ns, &x.ev));
    }
    assert_int_equal(x.w.host[0].n, 1);
}

static void only_handshakes_that_this_side_answered(void **state)
{
    struct served x = { .random = 1 };
    struct weir_flow f = connection(1, 1, SECOND, 1);

    (void)state;
    f.marks = 0;
    (void)weir_isn_take(&x.w, &f, SECOND, &x.ev);
    f = connection(1, 2, SECOND, 1);
    f.origin = WEIR_ORIGIN_MIDSTREAM;
    (void)weir_isn_take(&x.w, &f, SECOND, &x.ev);
    f = connection(1, 3, SECOND, 1);
    f.side[WEIR_SIDE_SERVER].flags &= ~WEIR_SIDE_SYN;
    (void)weir_isn_take(&x.w, &f, SECOND, &x.ev);
    f = connection(1, 4, SECOND, 1);
    f.side[WEIR_SIDE_SERVER].flags |= WEIR_SIDE_LOOSE;
    (void)weir_isn_take(&x.w, &f, SECOND, &x.ev);
    assert_int_equal(x.w.host[0].last_ns, 0);
}

static void a_silent_host_gives_way(void **state)
{
    struct served x = { .random = 1 };
    struct weir_flow f;

    (void)state;
    assert_int_equal(serve(&x, 3 * WEIR_ISN_SAMPLES, by_64k), 2);
    for (unsigned host = 2; host <= WEIR_ISN_HOSTS; host++) {
        f = connection(host, 1, 60 * SECOND, 1);
        assert_false(weir_isn_take(&x.w, &f, 60 * SECOND, &x.ev));
    }
    f = connection(100, 1, 61 * SECOND, 1);
    assert_false(weir_isn_take(&x.w, &f, 61 * SECOND, &x.ev));
    assert_int_equal(x.w.crowded, 1);
    f = connection(100, 2, 80 * SECOND, 1);
    assert_true(weir_isn_take(&x.w, &f, 80 * SECOND, &x.ev)); /* what host 1's incident owes */
    assert_int_equal(x.ev.src[15], 1);
    assert_int_equal(x.ev.count, 3 * WEIR_ISN_SAMPLES);
    assert_false(weir_isn_take(&x.w, &f, 80 * SECOND, &x.ev));
    assert_int_equal(x.w.host[0].addr[15], 100);
    assert_int_equal(x.w.host[0].n, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generators),
        cmocka_unit_test(one_incident_that_doubles_and_ends),
        cmocka_unit_test(a_repaired_host_ends_it),
        cmocka_unit_test(the_same_ends_count_once),
        cmocka_unit_test(only_handshakes_that_this_side_answered),
        cmocka_unit_test(a_silent_host_gives_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
