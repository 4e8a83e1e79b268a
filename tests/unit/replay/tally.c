/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"
#include "replay/tally.h"

#include <string.h>

static void note(struct weir_tally *t, unsigned row, uint8_t src, uint8_t dst, unsigned n)
{
    uint8_t s[16] = { [15] = src }, d[16] = { [15] = dst };

    while (n--)
        weir_tally_note(t, row, s, d);
}

static void ranks(void **state)
{
    struct weir_tally *t;
    struct weir_tally_line line[3];
    uint64_t sources[9];
    size_t n;

    (void)state;
    assert_int_equal(weir_tally_new(1 << 20, &t), 0);
    note(t, 7, 1, 10, 5);
    note(t, 8, 1, 11, 1);
    note(t, 7, 2, 10, 9);
    note(t, 7, 3, 10, 1);
    weir_tally_sources(t, sources, 9);
    assert_int_equal(sources[7], 3);
    assert_int_equal(sources[8], 1);
    assert_int_equal(sources[0], 0);
    assert_int_equal(weir_tally_top(t, WEIR_TALLY_SOURCE, line, 2, &n), 3);
    assert_int_equal(n, 2);
    assert_int_equal(line[0].addr[15], 2);
    assert_int_equal(line[0].packets, 9);
    assert_int_equal(line[1].addr[15], 1);
    assert_int_equal(line[1].packets, 6);
    assert_int_equal(line[1].rows, 2);
    assert_int_equal(line[1].row, 7);
    assert_int_equal(weir_tally_top(t, WEIR_TALLY_TARGET, line, 2, &n), 2);
    assert_int_equal(line[0].addr[15], 10);
    assert_int_equal(line[0].packets, 15);
    weir_tally_free(t);
}

/* A flood has targets, and no sources to be shown. */
static void who_is_forged_is_nobody(void **state)
{
    const uint8_t target[16] = { [15] = 10 };
    struct weir_tally *t;
    struct weir_tally_line line[3];
    uint64_t sources[9];
    size_t n;

    (void)state;
    assert_int_equal(weir_tally_new(1 << 20, &t), 0);
    for (int i = 0; i < 100; i++)
        weir_tally_note(t, 5, NULL, target);
    note(t, 5, 0, 10, 1); /* the address that stands for none */
    note(t, 7, 1, 10, 2);
    weir_tally_sources(t, sources, 9);
    assert_int_equal(sources[5], 1);
    assert_int_equal(sources[7], 1);
    assert_int_equal(weir_tally_top(t, WEIR_TALLY_SOURCE, line, 3, &n), 2);
    assert_int_equal(line[0].packets, 2);
    assert_int_equal(line[1].packets, 1);
    assert_int_equal(weir_tally_top(t, WEIR_TALLY_TARGET, line, 3, &n), 1);
    assert_int_equal(line[0].packets, 103);
    assert_int_equal(line[0].row, 5);
    weir_tally_free(t);
}

static void what_has_no_room_is_counted(void **state)
{
    struct weir_tally *t;
    struct weir_tally_line line[2];
    size_t n, lines;

    (void)state;
    assert_int_equal(weir_tally_new(256, &t), 0);
    for (unsigned i = 0; i < 100; i++)
        note(t, 0, (uint8_t)i, 1, 1);
    lines = weir_tally_top(t, WEIR_TALLY_SOURCE, line, 1, &n);
    assert_true(lines < 100);
    assert_int_equal(lines + weir_tally_overflow(t), 100);
    weir_tally_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks),
        cmocka_unit_test(who_is_forged_is_nobody),
        cmocka_unit_test(what_has_no_room_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
