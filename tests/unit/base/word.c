/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include "base/word.h"

static void distances(void **state)
{
    (void)state;
    assert_int_equal(weir_word_distance("", ""), 0);
    assert_int_equal(weir_word_distance("", "ab"), 2);
    assert_int_equal(weir_word_distance("ban", "bans"), 1);
    assert_int_equal(weir_word_distance("repaly", "replay"), 2);
    assert_int_equal(weir_word_distance("kitten", "sitting"), 3);
    assert_int_equal(weir_word_distance("0123456789012345678901234567890123456789012345678", "x"),
                     WEIR_WORD_MAX);
}

static void nearest_wins(void **state)
{
    struct weir_word_guess g = { .word = "mod" };

    (void)state;
    weir_word_try(&g, "zones");
    assert_null(g.meant);
    weir_word_try(&g, "mod12");
    weir_word_try(&g, "mode");
    weir_word_try(&g, "modi"); /* as near: the first stays */
    assert_string_equal(g.meant, "mode");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances),
        cmocka_unit_test(nearest_wins),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
