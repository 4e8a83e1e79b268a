/* SPDX-License-Identifier: Apache-2.0 */

/* ClientHellos out of segments, and which segments the kernel host hands on. */

#include "analytics/hellos.h"
#include "dataplane/hello.h"
#include "harness/hello.h"
#include "harness/run.h"

#include <stdlib.h>

#define RECORD 16384
#define START 0xffffff00U /* around the end of numbers */

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
    static const struct weir_hash_key key = { .word = { 1, 2, 3, 4, 5, 6, 7, 8 } };
    struct weir_hellos *h = NULL;

    assert_int_equal(weir_hellos_new(1 << 20, &key, sink, NULL, &h), 0);
    memset(&last, 0, sizeof(last));
    told = 0;
    return h;
}

/* Bytes [from, to) of the stream of a client. */
static void segment(struct weir_hellos *h, uint16_t client, const struct hello_bytes *b,
                    size_t from, size_t to)
{
    const struct weir_pkt p = { .src = { [15] = 1 },
                                .dst = { [15] = 2 },
                                .sport = client,
                                .dport = 443,
                                .ip_version = 4,
                                .seq = START + (uint32_t)from };
    struct weir_hello_event ev;

    weir_hello_note(&ev, &p, 7, (uint32_t)(to - from));
    ev.source = 3;
    weir_hellos_segment(h, &ev, b->b + from);
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
    assert_int_equal(last.from.sport, 1000);
    assert_int_equal(last.from.source, 3);
    assert_int_equal(last.version, 0x0301);
    assert_int_equal(last.name_len, 11);
    assert_memory_equal(last.name, "example.com", 11);
    assert_int_equal(last.alpn_len, 12);
    assert_memory_equal(last.alpn, spec.alpn, 12);
    assert_int_equal(strlen((const char *)last.ja3), 32);
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
        assert_int_equal(last.from.sport, 1000);
        segment(h, 2000, &b, cut, b.len);
        assert_int_equal(told, before + 2);
        assert_int_equal(last.from.sport, 2000);
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

static void waiting_ends(void **state)
{
    struct weir_hellos *h = fresh();
    struct hello_bytes b;

    (void)state;
    hello(&b);
    segment(h, 1000, &b, 0, 30);
    segment(h, 2000, &b, 0, b.len);
    weir_hellos_sweep(h, 7 + WEIR_HELLO_WAIT_NS - 1);
    assert_int_equal(weir_hellos_count(h).lost, 0);
    weir_hellos_sweep(h, 7 + WEIR_HELLO_WAIT_NS);
    assert_int_equal(weir_hellos_count(h).lost, 1);
    segment(h, 1000, &b, 30, b.len);
    assert_int_equal(told, 1);
    segment(h, 2000, &b, 0, b.len); /* what was told is known for longer */
    assert_int_equal(told, 1);
    weir_hellos_free(h);
}

/* By weir_hello_take(), segments of `step` bytes each. Returns bytes that were handed on. */
static size_t handed_on(const struct hello_bytes *b, size_t step)
{
    struct weir_hello_place k = { 0 };
    size_t got = 0;

    for (size_t at = 0; at < b->len; at += step) {
        size_t n = b->len - at < step ? b->len - at : step;
        const struct weir_pkt p = { .seq = START + (uint32_t)at, .payload_bytes = (uint32_t)n };

        got += weir_hello_take(&k, 5, &p, b->b + at,
                               n < WEIR_HELLO_LOOK ? (uint32_t)n : WEIR_HELLO_LOOK);
    }
    return got;
}

/* All of the hello, and nothing behind it, of which the connection is full. */
static void segments_that_go_on(void **state)
{
    struct hello_bytes b;
    size_t len;

    (void)state;
    hello(&b);
    len = b.len;
    memset(b.b + b.len, 23, 2000);
    b.len += 2000;
    for (size_t step = 9; step < len + 100; step++)
        assert_int_equal(handed_on(&b, step), len);
    for (size_t step = 6; step < 9; step++) /* its length is not in the first segment */
        assert_int_equal(handed_on(&b, step), step * WEIR_HELLO_SEGMENTS);
    assert_int_equal(handed_on(&b, 5), 0); /* does not say what it is */
    b.b[5] = 2;
    assert_int_equal(handed_on(&b, 100), 0);
}

/* Records of a few bytes each, and a length that nobody has. */
static void spans(void **state)
{
    struct weir_hello_place k = { 0 };
    struct weir_pkt p = { .seq = START, .payload_bytes = 1000 };
    struct hello_bytes message, b;

    (void)state;
    hello_build(&spec, &message);
    hello_wrap(&message, 7, &b);
    assert_true(weir_hello_span(b.b, WEIR_HELLO_LOOK) >= b.len);
    memcpy(b.b + 3, "\x40\x00\x01\xff\xff\xff", 6);
    assert_int_equal(weir_hello_span(b.b, WEIR_HELLO_LOOK), 5 + WEIR_HELLO_BYTES_MAX);
    assert_int_equal(weir_hello_take(&k, 5, &p, b.b, WEIR_HELLO_LOOK), 1000);
    p.seq += 1000;
    assert_int_equal(weir_hello_take(&k, 4, &p, b.b + 1, WEIR_HELLO_LOOK), 0);
    assert_int_equal(weir_hello_take(&k, 5, &p, b.b + 1, WEIR_HELLO_LOOK), 1000);
    p.seq = START + 5 + WEIR_HELLO_BYTES_MAX - 1;
    assert_int_equal(weir_hello_take(&k, 5, &p, b.b + 1, WEIR_HELLO_LOOK), 1);
}

static void records_of_the_ring(void **state)
{
    struct weir_hello_event ev;
    const struct weir_pkt p = { .ip_version = 6, .vlans = 1, .vlan = { 9 } };

    (void)state;
    weir_hello_note(&ev, &p, 1, 100);
    assert_true(weir_hello_event_valid(&ev, sizeof(ev) + 100));
    assert_int_equal(ev.flags, WEIR_HELLO_TAGGED);
    assert_int_equal(ev.vlan, 9);
    assert_false(weir_hello_event_valid(&ev, sizeof(ev) + 99));
    assert_false(weir_hello_event_valid(&ev, sizeof(ev) - 1));
    ev.type = WEIR_EVENT_PACKET;
    assert_false(weir_hello_event_valid(&ev, sizeof(ev) + 100));
    ev.type = WEIR_EVENT_HELLO;
    ev.ip_version = 0;
    assert_false(weir_hello_event_valid(&ev, sizeof(ev) + 100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_one_segment),
        cmocka_unit_test(in_many_segments),
        cmocka_unit_test(a_gap_is_counted),
        cmocka_unit_test(what_is_none_is_none),
        cmocka_unit_test(never_finished_hellos_make_room),
        cmocka_unit_test(waiting_ends),
        cmocka_unit_test(segments_that_go_on),
        cmocka_unit_test(spans),
        cmocka_unit_test(records_of_the_ring),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
