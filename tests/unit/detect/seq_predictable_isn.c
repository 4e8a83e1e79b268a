/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include "dataplane/detect/seq_predictable_isn.h"

static void what_can_be_guessed(void **state)
{
    static const struct {
        struct weir_isn_look look;
        enum weir_hit hit;
    } cases[] = {
        { { .step = 1, .bits = 32 }, WEIR_MISS }, { { .step = 1, .bits = 16 }, WEIR_MISS },
        { { .step = 1, .bits = 15 }, WEIR_HIT },  { { .step = 2, .bits = 32 }, WEIR_HIT },
        { { .step = 0, .bits = 0 }, WEIR_HIT },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct weir_evidence e = { 0 };

        assert_int_equal(weir_detect_seq_predictable_isn(&cases[i].look, &e), cases[i].hit);
        if (cases[i].hit == WEIR_HIT) {
            assert_int_equal(e.v[0], cases[i].look.bits);
            assert_int_equal(e.v[1], cases[i].look.step);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(what_can_be_guessed) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
