/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void has_counts_what_was_captured(void **state)
{
    const struct weir_window w = { .cap = 20, .wire = 60 };

    (void)state;
    assert_true(weir_window_has(&w, 0, 20));
    assert_true(weir_window_has(&w, 20, 0));
    assert_false(weir_window_has(&w, 0, 21));
    assert_false(weir_window_has(&w, 19, 2));
}

static void numbers_are_big_endian(void **state)
{
    const struct weir_window w = { .cap = 8, .wire = 8, .b = { 1, 2, 3, 4, 5 } };

    (void)state;
    assert_int_equal(weir_window_u8(&w, 4), 5);
    assert_int_equal(weir_window_u16(&w, 1), 0x0203);
    assert_int_equal(weir_window_u32(&w, 1), 0x02030405);
    assert_int_equal(weir_ntoh16(weir_window_raw16(&w, 0)), 0x0102);
    assert_int_equal(weir_ntoh32(weir_window_raw32(&w, 0)), 0x01020304);
}

/* Whatever the offset, a read stays in the array: the widest at the last masked offset. */
static void reads_stay_inside(void **state)
{
    struct weir_window *w = test_calloc(1, sizeof(*w));

    (void)state;
    for (__u32 off = 0; off < 4 * WEIR_WINDOW_BYTES; off++)
        assert_int_equal(weir_window_u32(w, off) | weir_window_u16(w, off), 0);
    assert_int_equal(weir_window_u32(w, 0xffffffff), 0);
    test_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_counts_what_was_captured),
        cmocka_unit_test(numbers_are_big_endian),
        cmocka_unit_test(reads_stay_inside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
