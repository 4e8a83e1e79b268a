/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/addr.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void text_comes_back(const char *text)
{
    char out[WEIR_ADDR_TEXT];
    uint8_t addr[16];

    assert_int_equal(weir_addr_parse(text, addr), 0);
    assert_string_equal(weir_addr_format(addr, out), text);
}

static void canonical_text_is_kept(void **state)
{
    static const char *const texts[] = {
        "0.0.0.0",
        "192.0.2.1",
        "198.51.100.10",
        "255.255.255.255",
        "::",
        "::1",
        "1::",
        "2001:db8::1",
        "2001:db8:0:1:1:1:1:1", /* RFC 5952 4.2.2: one zero group stays */
        "2001:0:0:1::1",        /* the longest run */
        "2001:db8::1:0:0:1",    /* the first of equals */
        "fe80::a:b:c:d",
        "2001:db8:1111:2222:3333:4444:5555:ffff",
        "0:1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:0",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        text_comes_back(texts[i]);
}

static void text_becomes_canonical(void **state)
{
    static const char *const pairs[][2] = {
        { "2001:DB8:0:0::0001", "2001:db8::1" },
        { "::ffff:192.0.2.1", "192.0.2.1" },
        { "::ffff:c000:201", "192.0.2.1" },
    };
    char out[WEIR_ADDR_TEXT];
    uint8_t addr[16];

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
        assert_int_equal(weir_addr_parse(pairs[i][0], addr), 0);
        assert_string_equal(weir_addr_format(addr, out), pairs[i][1]);
    }
}

/* Whatever stands in 16 bytes, its text fits and parses to the same bytes. */
static void any_bytes_come_back(void **state)
{
    uint8_t addr[16], back[16];
    char out[WEIR_ADDR_TEXT];

    (void)state;
    srandom(1);
    for (int i = 0; i < 20000; i++) {
        for (int k = 0; k < 16; k++)
            addr[k] = random() & 1 ? 0 : (uint8_t)random();
        assert_true(strlen(weir_addr_format(addr, out)) < WEIR_ADDR_TEXT);
        assert_int_equal(weir_addr_parse(out, back), 0);
        assert_memory_equal(addr, back, 16);
    }
}

static void bad_addresses_are_refused(void **state)
{
    static const char *const texts[] = {
        "",        "192.0.2",  "192.0.2.256",  "192.0.2.1 ", " 192.0.2.1",        "192.0.2.01",
        "1:2:3",   ":::",      "2001:db8::g",  "::1%lo",     "192.0.2.1.1",       "0x7f.0.0.1",
        "1::2::3", "example.", "192.0.2.1/24", "12345::",    "1:2:3:4:5:6:7:8:9",
    };
    uint8_t addr[16] = { 42 };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        assert_int_equal(weir_addr_parse(texts[i], addr), -EINVAL);
    assert_int_equal(addr[0], 42);
}

static void prefixes_count_bits_of_16_bytes(void **state)
{
    static const struct {
        const char *text;
        uint8_t bits;
    } good[] = {
        { "192.0.2.0/24", 120 }, { "192.0.2.1", 128 },       { "192.0.2.1/32", 128 },
        { "0.0.0.0/0", 96 },     { "2001:db8::/32", 32 },    { "::/0", 0 },
        { "2001:db8::1", 128 },  { "2001:db8::1/128", 128 }, { "192.0.2.128/25", 121 },
    };
    struct weir_prefix p;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        assert_int_equal(weir_prefix_parse(good[i].text, &p), 0);
        assert_int_equal(p.bits, good[i].bits);
    }
}

static void bad_prefixes_are_refused(void **state)
{
    static const char *const texts[] = {
        "192.0.2.0/33",
        "192.0.2.0/-1",
        "192.0.2.0/",
        "192.0.2.0/+8",
        "192.0.2.0/24 ",
        "192.0.2.0/24x",
        "192.0.2.1/24",
        "2001:db8::1/32",
        "2001:db8::/129",
        "/24",
        "192.0.2.0/24/24",
        "192.0.2.0/ 24",
        "192.0.2.128/24",
        "0.0.0.1/0",
        "192.0.2.0/99999999999999999999",
        "2001:db8:1111:2222:3333:4444:5555:6666:7777:8888:9999/32",
    };
    struct weir_prefix p = { .bits = 42 };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        assert_int_equal(weir_prefix_parse(texts[i], &p), -EINVAL);
    assert_int_equal(p.bits, 42);
}

static bool has(const char *prefix, const char *text)
{
    struct weir_prefix p;
    uint8_t addr[16];

    assert_int_equal(weir_prefix_parse(prefix, &p), 0);
    assert_int_equal(weir_addr_parse(text, addr), 0);
    return weir_prefix_has(&p, addr);
}

static void prefixes_hold_their_addresses(void **state)
{
    (void)state;
    assert_true(has("192.0.2.0/24", "192.0.2.255"));
    assert_false(has("192.0.2.0/24", "192.0.3.0"));
    assert_true(has("192.0.2.128/25", "192.0.2.128"));
    assert_false(has("192.0.2.128/25", "192.0.2.127"));
    assert_true(has("192.0.2.1", "192.0.2.1"));
    assert_false(has("192.0.2.1", "192.0.2.0"));
    assert_true(has("0.0.0.0/0", "203.0.113.9"));
    assert_false(has("0.0.0.0/0", "2001:db8::1"));
    assert_true(has("::/0", "2001:db8::1"));
    assert_true(has("2001:db8::/33", "2001:db8:7fff::1"));
    assert_false(has("2001:db8::/33", "2001:db8:8000::1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical_text_is_kept),
        cmocka_unit_test(text_becomes_canonical),
        cmocka_unit_test(any_bytes_come_back),
        cmocka_unit_test(bad_addresses_are_refused),
        cmocka_unit_test(prefixes_count_bits_of_16_bytes),
        cmocka_unit_test(bad_prefixes_are_refused),
        cmocka_unit_test(prefixes_hold_their_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
