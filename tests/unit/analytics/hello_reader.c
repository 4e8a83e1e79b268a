/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include "analytics/hello_reader.h"

#include <errno.h>
#include <stdlib.h>

#include "harness/hello.h"

static const struct hello_spec spec = {
    .version = 0x0303,
    .ciphers = LIST(0x1301, 0x1302, 0xc02b),
    .extensions = LIST(0, 10, 11, 13),
    .groups = LIST(29, 23),
    .formats = LIST(0),
    .signatures = LIST(0x0403),
    .name = "www.example.com",
};

/* Feed in pieces; the answer to the last one, and how many bytes were taken until then. */
static int feed(const uint8_t *b, size_t len, size_t piece, struct weir_hello_reader *r)
{
    int done = 0;

    for (size_t at = 0; at < len && done == 0; at += piece)
        done = weir_hello_feed(r, b + at, len - at < piece ? len - at : piece);
    return done;
}

static void any_records_in_any_pieces(void **state)
{
    struct hello_bytes message, wire;

    (void)state;
    hello_build(&spec, &message);
    for (size_t record = 1; record <= message.len; record++) {
        hello_wrap(&message, record, &wire);
        hello_raw(&wire, "\x14\x03\x03\0\1\1", 6); /* what follows is not looked at */
        for (size_t piece = 1; piece < 40; piece += 1 + record % 7) {
            struct weir_hello_reader r = { 0 };

            assert_int_equal(feed(wire.b, wire.len, piece, &r), 1);
            assert_int_equal(r.len, message.len);
            assert_memory_equal(r.message, message.b, message.len);
            weir_hello_reader_free(&r);
        }
    }
}

static void incomplete_is_no_fault(void **state)
{
    struct hello_bytes message, wire;

    (void)state;
    hello_build(&spec, &message);
    hello_wrap(&message, 50, &wire);
    for (size_t len = 0; len < wire.len; len++) {
        struct weir_hello_reader r = { 0 };

        assert_int_equal(feed(wire.b, len, 9, &r), 0);
        weir_hello_reader_free(&r);
    }
}

static int feed_once(const char *b, size_t len)
{
    struct weir_hello_reader r = { 0 };
    int done = weir_hello_feed(&r, (const uint8_t *)b, len);

    weir_hello_reader_free(&r);
    return done;
}

static void other_bytes_are_refused(void **state)
{
    (void)state;
    assert_int_equal(feed_once("GET / HTTP/1.1\r\n", 16), -EBADMSG);
    assert_int_equal(feed_once("\x17\x03\x03\x00\x20", 5), -EBADMSG);
    assert_int_equal(feed_once("\x16\x02\x00\x00\x20", 5), -EBADMSG);
    assert_int_equal(feed_once("\x16\x03\x01\x00\x00", 5), -EBADMSG);
    assert_int_equal(feed_once("\x16\x03\x01\x40\x01", 5), -EBADMSG);
    assert_int_equal(feed_once("\x16\x03\x01\x00\x04\x02", 6), -EBADMSG); /* ServerHello */
    /* A second record of another type in the middle of the message. */
    assert_int_equal(feed_once("\x16\x03\x01\x00\x04\x01\x00\x00\x20\x15\x03\x01\x00\x02", 14),
                     -EBADMSG);
}

static void length_is_bounded(void **state)
{
    (void)state;
    assert_int_equal(feed_once("\x16\x03\x01\x20\x00\x01\x00\x3f\xfd", 9), -E2BIG);
    assert_int_equal(feed_once("\x16\x03\x01\x20\x00\x01\x00\x3f\xfc", 9), 0);
    assert_int_equal(feed_once("\x16\x03\x01\x20\x00\x01\xff\xff\xff", 9), -E2BIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_records_in_any_pieces),
        cmocka_unit_test(incomplete_is_no_fault),
        cmocka_unit_test(other_bytes_are_refused),
        cmocka_unit_test(length_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
