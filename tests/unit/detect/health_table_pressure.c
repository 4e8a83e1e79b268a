/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include "dataplane/detect/health_table_pressure.h"

static void what_was_lost(void **state)
{
    static const struct {
        struct weir_pressure lost;
        enum weir_hit hit;
        __u32 evidence[3];
    } cases[] = {
        { { 0 }, WEIR_MISS, { 0 } },
        { { .evicted = 1 }, WEIR_HIT, { 1, 0, 0 } },
        { { .untracked = 2 }, WEIR_HIT, { 0, 2, 0 } },
        { { .events = 3 }, WEIR_HIT, { 0, 0, 3 } },
        { { .evicted = 1ULL << 32, .events = 0xffffffff },
          WEIR_HIT,
          { 0xffffffff, 0, 0xffffffff } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct weir_evidence e = { 0 };

        assert_int_equal(weir_detect_health_table_pressure(&cases[i].lost, &e), cases[i].hit);
        assert_memory_equal(e.v, cases[i].evidence, sizeof(cases[i].evidence));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(what_was_lost) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
