/* SPDX-License-Identifier: Apache-2.0 */

/* How long a detection's ban is, and when there is none. */

#include "engine/offenders.h"
#include "harness/run.h"

#include <stdlib.h>
#include <string.h>

static struct weir_offenders *offenders;

static int fresh(void **state)
{
    (void)state;
    offenders = calloc(1, sizeof(*offenders));
    return offenders ? 0 : -1;
}

static int done(void **state)
{
    (void)state;
    free(offenders);
    return 0;
}

static uint8_t *source(uint32_t n)
{
    static uint8_t addr[16];

    memcpy(addr + 12, &n, sizeof(n));
    return addr;
}

/* Seconds; 0: banned already, -1: too many. */
static long ask(uint32_t n, const struct weir_sentence *s, uint64_t now_s)
{
    uint64_t seconds = 0;

    switch (weir_offenders_ask(offenders, source(n), s, now_s, &seconds)) {
    case WEIR_SENTENCE_BAN:
        return (long)seconds;
    case WEIR_SENTENCE_BANNED:
        return 0;
    default:
        return -1;
    }
}

static void up_to_a_day(void **state)
{
    const struct weir_sentence s = {
        .for_s = 3600, .escalate = 200, .most_s = 86400, .max_per_minute = 100
    };
    uint64_t now = 1000;

    (void)state;
    for (long hours = 1; hours < 16; hours *= 2, now += 86400)
        assert_int_equal(ask(1, &s, now), hours * 3600);
    assert_int_equal(ask(1, &s, now), 16 * 3600);
    assert_int_equal(ask(1, &s, now + 86400), 86400);
    assert_int_equal(ask(1, &s, now + 3 * 86400), 86400);
}

static void each_is_longer(void **state)
{
    const struct weir_sentence s = { .for_s = 60, .escalate = 200, .max_per_minute = 100 };
    uint64_t now = 1000;

    (void)state;
    assert_int_equal(ask(1, &s, now), 60);
    assert_int_equal(ask(1, &s, now + 59), 0);
    assert_int_equal(ask(1, &s, now + 60), 120);
    assert_int_equal(ask(2, &s, now + 60), 60);
    now += 180;
    assert_int_equal(ask(1, &s, now), 240);
    for (int i = 0; i < 40; i++)
        (void)ask(1, &s, now += WEIR_SENTENCE_MAX_S);
    assert_int_equal(ask(1, &s, now + WEIR_SENTENCE_MAX_S), (long)WEIR_SENTENCE_MAX_S);
}

static void same_length_without_escalation(void **state)
{
    const struct weir_sentence s = { .for_s = 60, .escalate = 100, .max_per_minute = 100 };

    (void)state;
    for (uint64_t now = 0; now < 600; now += 60)
        assert_int_equal(ask(1, &s, now), 60);
}

static void budget_of_a_minute(void **state)
{
    const struct weir_sentence s = { .for_s = 600, .escalate = 100, .max_per_minute = 3 };

    (void)state;
    for (uint32_t n = 0; n < 5; n++)
        assert_int_equal(ask(n, &s, 120 + n), n < 3 ? 600 : -1);
    assert_int_equal(ask(4, &s, 179), -1);
    assert_int_equal(ask(4, &s, 180), 600);
    assert_int_equal(ask(0, &s, 181), 0); /* costs nothing of it */
}

static void what_was_not_made_does_not_count(void **state)
{
    const struct weir_sentence s = { .for_s = 60, .escalate = 200, .max_per_minute = 100 };

    (void)state;
    assert_int_equal(ask(1, &s, 1000), 60);
    weir_offenders_undo(offenders, source(1));
    assert_int_equal(ask(1, &s, 1001), 60);
    weir_offenders_undo(offenders, source(7));
}

/* The table never grows, and who is banned longest is remembered longest. */
static void full_table_forgets_the_earliest(void **state)
{
    struct weir_sentence s = { .for_s = 1000, .escalate = 200, .max_per_minute = 1000000 };

    (void)state;
    assert_int_equal(ask(0, &s, 0), 1000);
    s.for_s = 10;
    for (uint32_t n = 1; n < 20000; n++)
        assert_int_equal(ask(n, &s, 0), 10);
    assert_int_equal(ask(0, &s, 0), 0);
    s.for_s = 1000;
    assert_int_equal(ask(0, &s, 1000), 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_is_longer, fresh, done),
        cmocka_unit_test_setup_teardown(up_to_a_day, fresh, done),
        cmocka_unit_test_setup_teardown(same_length_without_escalation, fresh, done),
        cmocka_unit_test_setup_teardown(budget_of_a_minute, fresh, done),
        cmocka_unit_test_setup_teardown(what_was_not_made_does_not_count, fresh, done),
        cmocka_unit_test_setup_teardown(full_table_forgets_the_earliest, fresh, done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
