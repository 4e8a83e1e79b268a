/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"

#include <string.h>

static void assert_time(uint64_t ns, const char *expected)
{
    char text[WEIR_TIME_TEXT];

    assert_string_equal(weir_time_format(ns, text), expected);
}

static void times_are_utc_to_the_microsecond(void **state)
{
    (void)state;
    assert_time(0, "1970-01-01T00:00:00.000000+0000");
    assert_time(1795407712123456000, "2026-11-23T04:21:52.123456+0000");
    assert_time(951782400000000000, "2000-02-29T00:00:00.000000+0000");
    assert_time(1709251199999999999, "2024-02-29T23:59:59.999999+0000");
}

static void parts_of_a_microsecond_round_down(void **state)
{
    (void)state;
    assert_time(999, "1970-01-01T00:00:00.000000+0000");
    assert_time(1999, "1970-01-01T00:00:00.000001+0000");
}

static void the_largest_time_fits(void **state)
{
    (void)state;
    assert_time(UINT64_MAX, "2554-07-21T23:34:33.709551+0000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_utc_to_the_microsecond),
        cmocka_unit_test(parts_of_a_microsecond_round_down),
        cmocka_unit_test(the_largest_time_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
