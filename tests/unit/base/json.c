/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "base/json.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FFFD "\\ufffd"

#define assert_json(b, expected)                                                                   \
    do {                                                                                           \
        weir_buf_add_char((b), '\0');                                                              \
        assert_string_equal((b)->data, expected);                                                  \
    } while (0)

static void commas_are_its_own_business(void **state)
{
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };
    struct weir_json j = { .out = &b };

    (void)state;
    weir_json_object(&j, NULL);
    weir_json_array(&j, "empty");
    weir_json_array_end(&j);
    weir_json_array(&j, "a");
    weir_json_u64(&j, NULL, 1);
    weir_json_object(&j, NULL);
    weir_json_object_end(&j);
    weir_json_object(&j, NULL);
    weir_json_bool(&j, "t", true);
    weir_json_bool(&j, "f", false);
    weir_json_object_end(&j);
    weir_json_array_end(&j);
    weir_json_str(&j, "z", "");
    weir_json_object_end(&j);
    assert_json(&b, "{\"empty\":[],\"a\":[1,{},{\"t\":true,\"f\":false}],\"z\":\"\"}");
}

static void numbers_keep_their_value(void **state)
{
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };
    struct weir_json j = { .out = &b };

    (void)state;
    weir_json_array(&j, NULL);
    weir_json_u64(&j, NULL, UINT64_MAX);
    weir_json_i64(&j, NULL, INT64_MIN);
    weir_json_i64(&j, NULL, INT64_MAX);
    weir_json_i64(&j, NULL, -1);
    weir_json_double(&j, NULL, 0.125, 2);
    weir_json_double(&j, NULL, -3, 0);
    weir_json_array_end(&j);
    assert_json(&b, "[18446744073709551615,-9223372036854775808,9223372036854775807,-1,0.12,-3]");
}

static void what_json_cannot_say_is_null(void **state)
{
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };
    struct weir_json j = { .out = &b };

    (void)state;
    weir_json_array(&j, NULL);
    weir_json_double(&j, NULL, NAN, 2);
    weir_json_double(&j, NULL, INFINITY, 2);
    weir_json_double(&j, NULL, -INFINITY, 2);
    weir_json_array_end(&j);
    assert_json(&b, "[null,null,null]");
}

static void strings_are_escaped(void **state)
{
    static const struct {
        const char *in, *out;
        size_t len;
    } cases[] = {
        { "plain /~", "plain /~", 8 },
        { "\"\\", "\\\"\\\\", 2 },
        { "\n\r\t\b", "\\n\\r\\t\\u0008", 4 },
        { "a\0b\x1f\x7f", "a\\u0000b\\u001f\\u007f", 5 },
        { "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9 },
        { "a\x80z", "a" FFFD "z", 3 },                  /* continuation alone */
        { "\xc0\xaf", FFFD FFFD, 2 },                   /* overlong */
        { "\xe0\x9f\xbf", FFFD FFFD FFFD, 3 },          /* overlong */
        { "\xed\xa0\x80", FFFD FFFD FFFD, 3 },          /* surrogate */
        { "\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD, 4 }, /* above U+10FFFF */
        { "\xf5", FFFD, 1 },
        { "\xe2\x82", FFFD FFFD, 2 }, /* ends inside the sequence */
        { "\xe2\x82x", FFFD FFFD "x", 3 },
        { "\xc3\"", FFFD "\\\"", 2 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        _cleanup_(weir_buf_free) struct weir_buf b = { 0 };
        _cleanup_free_ char *expected = NULL;
        struct weir_json j = { .out = &b };

        assert_true(asprintf(&expected, "\"%s\"", cases[i].out) > 0);
        weir_json_strn(&j, NULL, cases[i].in, cases[i].len);
        assert_json(&b, expected);
    }
}

/* Whatever bytes a string has, a strict reader takes it. */
static void any_bytes_make_valid_json(void **state)
{
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };
    char bytes[64];

    (void)state;
    srandom(1);
    for (int i = 0; i < 20000; i++) {
        struct weir_json j = { .out = &b };
        size_t len = (size_t)random() % sizeof(bytes);
        json_t *root;

        for (size_t k = 0; k < len; k++)
            bytes[k] = (char)(random() & 3 ? 0x7c + random() % 0x80 : random());
        weir_buf_clear(&b);
        weir_json_object(&j, NULL);
        weir_json_strn(&j, "s", bytes, len);
        weir_json_object_end(&j);
        root = json_loadb(b.data, b.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
        assert_non_null(root);
        json_decref(root);
    }
}

static void failure_of_memory_is_no_crash(void **state)
{
    _cleanup_(weir_buf_free) struct weir_buf b = { .failed = true };
    struct weir_json j = { .out = &b };

    (void)state;
    weir_json_object(&j, NULL);
    weir_json_str(&j, "a", "b");
    weir_json_u64(&j, "n", 1);
    weir_json_object_end(&j);
    assert_int_equal(b.len, 0);
    assert_true(b.failed);
}

static void what_is_json_already_is_taken_as_it_is(void **state)
{
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };
    struct weir_json j = { .out = &b };

    (void)state;
    weir_json_array(&j, NULL);
    weir_json_raw(&j, NULL, "{\"a\":1}", 7);
    weir_json_raw(&j, NULL, "[]", 2);
    weir_json_array_end(&j);
    assert_int_equal(b.len, 12);
    assert_memory_equal(b.data, "[{\"a\":1},[]]", 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_are_its_own_business),
        cmocka_unit_test(numbers_keep_their_value),
        cmocka_unit_test(what_json_cannot_say_is_null),
        cmocka_unit_test(strings_are_escaped),
        cmocka_unit_test(any_bytes_make_valid_json),
        cmocka_unit_test(what_is_json_already_is_taken_as_it_is),
        cmocka_unit_test(failure_of_memory_is_no_crash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
