/* SPDX-License-Identifier: Apache-2.0 */

/* ClientHellos out of segments: replay/hellos.h. */

#include "harness/hello.h"
#include "harness/run.h"
#include "replay/hellos.h"

#include <stdlib.h>

#define RECORD 16384

/* The first example of JA3's own description. */
static const struct hello_spec spec = {
    .version = 769,
    .ciphers = LIST(47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4),
    .extensions = LIST(0, 10, 11, 16),
    .groups = LIST(23, 24, 25),
    .formats = LIST(0),
    .name = "example.com",
    .alpn = "\x02h2\x08http/1.1",
    .alpn_len = 12,
};

static struct weir_tls_event last;
static unsigned told;

static void sink(void *ctx, const struct weir_tls_event *ev)
{
    (void)ctx;
    last = *ev;
    told++;
}

static struct weir_hellos *fresh(void)
{
    struct weir_hellos *h = NULL;

    assert_int_equal(weir_hellos_new(1 << 20, sink, NULL, &h), 0);
    memset(&last, 0, sizeof(last));
    told = 0;
    return h;
}

/* Bytes [from, to) of the stream of a client. */
static void segment(struct weir_hellos *h, uint16_t client, const struct hello_bytes *b,
                    size_t from, size_t to)
{
    const struct weir_capture_packet packet = { .ts_ns = 7, .number = to };
    struct weir_pkt p = { .src = { [15] = 1 },
                          .dst = { [15] = 2 },
                          .sport = client,
                          .dport = 443,
                          .seq = 0xffffff00U + (uint32_t)from }; /* around the end of numbers */

    weir_hellos_packet(h, &p, b->b + from, to - from, 3, &packet);
}

static void hello(struct hello_bytes *b)
{
    struct hello_bytes message;

    hello_build(&spec, &message);
    hello_wrap(&message, RECORD, b);
}

static void in_one_segment(void **state)
{
    struct weir_hellos *h = fresh();
    struct hello_bytes b;

    (void)state;
    hello(&b);
    segment(h, 1000, &b, 0, b.len);
    assert_int_equal(told, 1);
    assert_int_equal(last.sport, 1000);
    assert_int_equal(last.source, 3);
    assert_int_equal(last.version, 0x0301);
    assert_int_equal(last.name_len, 11);
    assert_memory_equal(last.name, "example.com", 11);
    assert_int_equal(last.alpn_len, 12);
    assert_memory_equal(last.alpn, spec.alpn, 12);
    assert_int_equal(strlen(last.ja3), 32);
    assert_memory_equal(last.ja4, "t10d1204h2_", 11);
    weir_hellos_free(h);
}

/* Any cuts, with what came before sent again; other connections between. */
static void in_many_segments(void **state)
{
    struct hello_bytes b;

    (void)state;
    hello(&b);
    for (size_t cut = 6; cut < b.len; cut++) {
        struct weir_hellos *h = fresh();
        unsigned before = told;

        segment(h, 1000, &b, 0, cut);
        segment(h, 2000, &b, 0, cut);
        segment(h, 1000, &b, 0, cut);
        segment(h, 1000, &b, cut - 3, b.len);
        assert_int_equal(told, before + 1);
        assert_int_equal(last.sport, 1000);
        segment(h, 2000, &b, cut, b.len);
        assert_int_equal(told, before + 2);
        assert_int_equal(last.sport, 2000);
        assert_int_equal(weir_hellos_count(h).lost, 0);
        weir_hellos_free(h);
    }
}

static void a_gap_is_counted(void **state)
{
    struct weir_hellos *h = fresh();
    struct hello_bytes b;

    (void)state;
    hello(&b);
    segment(h, 1000, &b, 0, 20);
    segment(h, 1000, &b, 40, b.len);
    segment(h, 1000, &b, 20, 40);
    assert_int_equal(told, 0);
    assert_int_equal(weir_hellos_count(h).lost, 1);
    segment(h, 1000, &b, 0, b.len); /* and the next one is told */
    assert_int_equal(told, 1);
    segment(h, 1000, &b, 0, b.len); /* once */
    segment(h, 1000, &b, 10, b.len);
    assert_int_equal(told, 1);
    weir_hellos_free(h);
}

static void what_is_none_is_none(void **state)
{
    struct hello_bytes b, server = { .len = 0 };
    struct weir_hellos *h = fresh();

    (void)state;
    hello(&b);
    hello_raw(&server, b.b, b.len);
    server.b[5] = 2; /* ServerHello */
    segment(h, 1000, &server, 0, server.len);
    assert_int_equal(weir_hellos_count(h).broken, 0);
    b.b[5 + 4 + 2 + 32] = 200; /* a session id that ends behind the message */
    segment(h, 1000, &b, 0, b.len);
    assert_int_equal(weir_hellos_count(h).broken, 1);
    assert_int_equal(told, 0);
    weir_hellos_free(h);
}

/* However many are begun and never end, there is room for the next. */
static void never_finished_hellos_make_room(void **state)
{
    struct weir_hellos *h = fresh();
    struct hello_bytes b;

    (void)state;
    hello(&b);
    for (unsigned i = 0; i < 50000; i++)
        segment(h, (uint16_t)(i + 1), &b, 0, 30);
    segment(h, 1000, &b, 0, 30);
    segment(h, 1000, &b, 30, b.len);
    assert_int_equal(told, 1);
    assert_true(weir_hellos_count(h).lost > 40000);
    weir_hellos_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_one_segment),
        cmocka_unit_test(in_many_segments),
        cmocka_unit_test(a_gap_is_counted),
        cmocka_unit_test(what_is_none_is_none),
        cmocka_unit_test(never_finished_hellos_make_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
