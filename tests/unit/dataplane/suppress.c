/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

#define SECOND 1000000000ULL

static void reports_at_growing_counts(void **state)
{
    struct weir_suppress s = { 0 };
    int reports = 0;

    (void)state;
    for (__u64 i = 1; i <= 1024; i++) {
        bool power = !(i & (i - 1));

        assert_int_equal(weir_suppress_note(&s, i * 1000), power);
        reports += power;
        assert_int_equal(weir_suppress_owes(&s), !power);
    }
    assert_int_equal(reports, 11);
    assert_int_equal(s.count, 1024);
    assert_int_equal(s.first_ns, 1000);
}

static void quiet_for_ten_seconds_is_over(void **state)
{
    struct weir_suppress s = { 0 };

    (void)state;
    assert_true(weir_suppress_note(&s, 5 * SECOND));
    assert_false(weir_suppress_over(&s, 5 * SECOND));
    assert_false(weir_suppress_over(&s, 15 * SECOND - 1));
    assert_true(weir_suppress_over(&s, 15 * SECOND));
}

static void a_clock_that_steps_back_ends_nothing(void **state)
{
    struct weir_suppress s = { 0 };

    (void)state;
    (void)weir_suppress_note(&s, 100 * SECOND);
    assert_false(weir_suppress_over(&s, 20 * SECOND));
    (void)weir_suppress_note(&s, 20 * SECOND);
    assert_int_equal(s.count, 2);
    assert_int_equal(s.first_ns, 100 * SECOND);
}

/* A packet at time 0 opens an incident like any other. */
static void time_zero(void **state)
{
    struct weir_suppress s = { 0 };

    (void)state;
    assert_true(weir_suppress_note(&s, 0));
    assert_true(weir_suppress_note(&s, 1));
    assert_false(weir_suppress_note(&s, 2));
    assert_int_equal(s.first_ns, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_at_growing_counts),
        cmocka_unit_test(quiet_for_ten_seconds_is_over),
        cmocka_unit_test(a_clock_that_steps_back_ends_nothing),
        cmocka_unit_test(time_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
