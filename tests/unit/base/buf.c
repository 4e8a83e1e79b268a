/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"

#define assert_buf(b, text)                                                                        \
    do {                                                                                           \
        assert_int_equal((b)->len, sizeof(text) - 1);                                              \
        assert_memory_equal((b)->data, text, sizeof(text) - 1);                                    \
    } while (0)

static void pieces_follow_each_other(void **state)
{
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };

    (void)state;
    weir_buf_add(&b, "ab\0c", 4);
    weir_buf_add(&b, NULL, 0);
    weir_buf_add_str(&b, "");
    weir_buf_add_str(&b, "d");
    weir_buf_add_char(&b, 'e');
    weir_buf_addf(&b, "%s-%d", "f", 7);
    assert_buf(&b, "ab\0cdef-7");
}

static void numbers_are_decimal(void **state)
{
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };

    (void)state;
    weir_buf_add_u64(&b, 0);
    weir_buf_add_char(&b, ' ');
    weir_buf_add_u64(&b, 10);
    weir_buf_add_char(&b, ' ');
    weir_buf_add_u64(&b, UINT64_MAX);
    assert_buf(&b, "0 10 18446744073709551615");
}

static void grows_over_many_sizes(void **state)
{
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };

    (void)state;
    for (unsigned i = 0; i < 100000; i++)
        weir_buf_add_char(&b, (char)i);
    weir_buf_addf(&b, "%*d", 300000, 1);
    assert_false(b.failed);
    assert_int_equal(b.len, 400000);
    for (unsigned i = 0; i < 100000; i++)
        assert_int_equal(b.data[i], (char)i);
    assert_int_equal(b.data[399999], '1');
}

static void clear_keeps_the_memory(void **state)
{
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };
    size_t size;

    (void)state;
    weir_buf_add_str(&b, "gone");
    size = b.size;
    weir_buf_clear(&b);
    assert_int_equal(b.len, 0);
    assert_int_equal(b.size, size);
    weir_buf_add_str(&b, "new");
    assert_buf(&b, "new");
}

/* A length that no memory can hold: remembered until the buffer is cleared, what stood stays. */
static void failure_is_remembered(void **state)
{
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };

    (void)state;
    weir_buf_add_str(&b, "kept");
    assert_null(weir_buf_room(&b, SIZE_MAX));
    assert_true(b.failed);
    weir_buf_add_str(&b, "dropped");
    weir_buf_add_char(&b, 'x');
    weir_buf_add_u64(&b, 1);
    weir_buf_addf(&b, "%d", 1);
    assert_buf(&b, "kept");
    weir_buf_clear(&b);
    weir_buf_add_str(&b, "again");
    assert_buf(&b, "again");
    assert_false(b.failed);
}

static void free_leaves_it_usable(void **state)
{
    struct weir_buf b = { 0 };

    (void)state;
    weir_buf_free(&b);
    weir_buf_add_str(&b, "x");
    weir_buf_free(&b);
    assert_null(b.data);
    assert_int_equal(b.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_follow_each_other), cmocka_unit_test(numbers_are_decimal),
        cmocka_unit_test(grows_over_many_sizes),    cmocka_unit_test(clear_keeps_the_memory),
        cmocka_unit_test(failure_is_remembered),    cmocka_unit_test(free_leaves_it_usable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
