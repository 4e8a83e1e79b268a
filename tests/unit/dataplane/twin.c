/* SPDX-License-Identifier: Apache-2.0 */
#include "dataplane/target.h"

#include "harness/random.h"
#include "harness/run.h"

#define PROBE 0x0123456789abcdefULL
#define ONE 0x1111111111111111ULL
#define OTHER 0x2222222222222222ULL

static bool note(struct weir_twin *w, __u64 probe, __u64 source, __u32 tick)
{
    const struct weir_contact c = { .probe = probe, .hash = source };

    return weir_twin_note(w, &c, tick);
}

static void two_sources_with_one_probe(void **state)
{
    struct weir_twin w = { 0 };
    __u32 tick = WEIR_TICKS(1000);

    (void)state;
    assert_false(note(&w, PROBE, ONE, tick));
    assert_false(note(&w, PROBE, ONE, tick)); /* sent again */
    assert_true(note(&w, PROBE, OTHER, tick + WEIR_TICKS(1) / 2));
    assert_false(note(&w, PROBE, ONE, tick + WEIR_TICKS(3)));
    assert_false(note(&w, PROBE ^ 1ULL << 63, OTHER, tick + WEIR_TICKS(3)));
}

/* A crowd of a million: a cell of each place is fresh, and 16 more bits to tell two apart would let
 * a dozen pairs pass for twins. */
static void a_crowd_has_no_twins(void **state)
{
    static struct weir_twin twins[WEIR_TWINS];
    struct weir_random dice = { 7 };

    (void)state;
    for (int i = 0; i < 1 << 20; i++) {
        __u64 probe = weir_random_next(&dice);

        assert_false(note(&twins[probe & (WEIR_TWINS - 1)], probe, weir_random_next(&dice), 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_sources_with_one_probe),
        cmocka_unit_test(a_crowd_has_no_twins),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
