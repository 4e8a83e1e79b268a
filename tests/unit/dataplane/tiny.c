/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/tiny.h"

#include "harness/run.h"

static void sixteen_in_a_row(void **state)
{
    __u8 series = 0;

    (void)state;
    for (int round = 0; round < 2; round++) {
        for (int i = 1; i <= 300; i++)
            assert_int_equal(weir_tiny_note(&series, 1 + (__u32)i % WEIR_TINY_BYTES),
                             i >= WEIR_TINY_SERIES);
        assert_false(weir_tiny_note(&series, WEIR_TINY_BYTES + 1));
    }
}

static void a_larger_one_ends_the_series(void **state)
{
    __u8 series = 0;

    (void)state;
    for (int i = 1; i <= 300; i++)
        assert_false(weir_tiny_note(&series, i % WEIR_TINY_SERIES ? 1 : 9));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixteen_in_a_row),
        cmocka_unit_test(a_larger_one_ends_the_series),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
