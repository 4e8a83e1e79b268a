/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include "analytics/hello.h"

#include <errno.h>
#include <stdlib.h>

#include "harness/hello.h"

static const struct hello_spec full = {
    .version = 0x0303,
    .ciphers = LIST(0x2a2a, 0x1301, 0x1302, 0xc02b),
    .extensions = LIST(0x1a1a, 0, 10, 11, 13, 16, 43, 23),
    .groups = LIST(0x3a3a, 29, 23),
    .formats = LIST(0, 1),
    .signatures = LIST(0x0403, 0x0804),
    .versions = LIST(0x5a5a, 0x0304, 0x0303),
    .name = "www.example.com",
    .alpn = "\2h2\10http/1.1",
    .alpn_len = 12,
};

static void everything_is_read(void **state)
{
    struct hello_bytes b;
    struct weir_hello h;
    size_t at = 0, n = 0;
    uint16_t type;

    (void)state;
    hello_build(&full, &b);
    assert_int_equal(weir_hello_parse(b.b, b.len, &h), 0);
    assert_int_equal(h.version, 0x0303);
    assert_int_equal(weir_hello_version(&h), 0x0304);
    assert_int_equal(h.ciphers.n, 4);
    assert_int_equal(weir_hello_u16(&h.ciphers, 3), 0xc02b);
    assert_int_equal(h.groups.n, 3);
    assert_int_equal(weir_hello_u16(&h.groups, 1), 29);
    assert_int_equal(h.point_formats.n, 2);
    assert_int_equal(h.signatures.n, 2);
    assert_int_equal(h.server_name.n, 15);
    assert_memory_equal(h.server_name.at, "www.example.com", 15);
    assert_int_equal(h.alpn.n, 12);
    while (weir_hello_next_extension(&h, &at, &type))
        assert_int_equal(type, full.extensions[n++]);
    assert_int_equal(n, 8);
}

static void without_extensions(void **state)
{
    struct hello_spec s = full;
    struct hello_bytes b;
    struct weir_hello h;
    size_t at = 0;
    uint16_t type;

    (void)state;
    s.extensions = NULL;
    s.version = 0x0300;
    hello_build(&s, &b);
    assert_int_equal(weir_hello_parse(b.b, b.len, &h), 0);
    assert_int_equal(weir_hello_version(&h), 0x0300);
    assert_false(h.has_server_name);
    assert_false(weir_hello_next_extension(&h, &at, &type));
}

static void an_extension_counts_once(void **state)
{
    struct hello_spec s = full;
    struct hello_bytes b;
    struct weir_hello h;

    (void)state;
    s.extensions = LIST(10, 10);
    hello_build(&s, &b);
    b.b[b.len - 2] = 0x77; /* a group of the second */
    assert_int_equal(weir_hello_parse(b.b, b.len, &h), 0);
    assert_int_equal(weir_hello_u16(&h.groups, 2), 23);
}

/* Cut anywhere, and told a length that is wrong anywhere: an error or a hello, never a byte read
 * behind the block, which is of the message's size for AddressSanitizer to see. */
static void cut_and_wrong_lengths(void **state)
{
    struct hello_bytes b;
    size_t refused = 0;

    (void)state;
    hello_build(&full, &b);
    for (size_t len = 0; len < b.len; len++) {
        uint8_t *exact = malloc(len ? len : 1);
        struct weir_hello h;

        memcpy(exact, b.b, len);
        if (len == 4 + 2 + 32 + 1 + 2 + 8 + 2) /* just in front of the extensions */
            assert_int_equal(weir_hello_parse(exact, len, &h), 0);
        else
            assert_int_equal(weir_hello_parse(exact, len, &h), -EBADMSG);
        free(exact);
    }
    for (size_t at = 38; at < b.len; at++) {
        uint8_t *exact = malloc(b.len);
        struct weir_hello h;
        uint16_t type;
        size_t walk = 0;

        memcpy(exact, b.b, b.len);
        exact[at] ^= 0x81;
        if (weir_hello_parse(exact, b.len, &h) < 0)
            refused++;
        else
            while (weir_hello_next_extension(&h, &walk, &type))
                ;
        free(exact);
    }
    assert_in_range(refused, 20, b.len);
}

static void grease_is_known(void **state)
{
    int n = 0;

    (void)state;
    for (unsigned v = 0; v < 65536; v++)
        n += weir_is_grease((uint16_t)v);
    assert_int_equal(n, 16);
    assert_true(weir_is_grease(0x0a0a));
    assert_true(weir_is_grease(0xfafa));
    assert_false(weir_is_grease(0x0a1a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_read),       cmocka_unit_test(without_extensions),
        cmocka_unit_test(an_extension_counts_once), cmocka_unit_test(cut_and_wrong_lengths),
        cmocka_unit_test(grease_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
