/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include "analytics/pressure.h"

#define SECOND 1000000000ULL

struct watched {
    struct weir_pressure_watch w;
    struct weir_pressure totals;
    struct weir_event ev;
};

static bool look(struct watched *x, uint64_t second)
{
    return weir_pressure_look(&x->w, &x->totals, second * SECOND, WEIR_ACTION_ALERT, &x->ev);
}

static void what_was_lost_before_is_old_news(void **state)
{
    struct watched x = { .totals = { 7, 8, 9 } };

    (void)state;
    weir_pressure_start(&x.w, &x.totals);
    assert_false(look(&x, 1));
    x.totals.untracked++;
    assert_true(look(&x, 2));
    assert_int_equal(x.ev.count, 1);
    assert_int_equal(x.ev.evidence[0], 0);
    assert_int_equal(x.ev.evidence[1], 1);
}

static void an_incident_doubles_and_ends_exactly(void **state)
{
    struct watched x = { 0 };

    (void)state;
    assert_false(look(&x, 1));
    x.totals.evicted = 3;
    assert_true(look(&x, 2));
    assert_int_equal(x.ev.detection, WEIR_DET_HEALTH_TABLE_PRESSURE);
    assert_int_equal(x.ev.count, 3);
    assert_int_equal(x.ev.first_ns, 2 * SECOND);
    x.totals.events = 2;
    assert_false(look(&x, 3)); /* 5 of 6 */
    x.totals.events = 4;
    assert_true(look(&x, 4));
    assert_int_equal(x.ev.count, 7);
    assert_int_equal(x.ev.evidence[0], 3);
    assert_int_equal(x.ev.evidence[2], 4);
    x.totals.evicted = 5;
    assert_false(look(&x, 5));
    assert_false(look(&x, 14));
    assert_true(look(&x, 15));
    assert_true(x.ev.flags & WEIR_EVENT_FINAL);
    assert_int_equal(x.ev.count, 9);
    assert_int_equal(x.ev.ts_ns, 5 * SECOND);
    assert_false(look(&x, 40));
}

static void a_loss_after_the_pause_is_a_new_incident(void **state)
{
    struct watched x = { .totals = { .evicted = 1 } };

    (void)state;
    assert_true(look(&x, 1));
    x.totals.evicted = 2;
    assert_true(look(&x, 30));
    assert_false(x.ev.flags & WEIR_EVENT_FINAL); /* the first one's count was told */
    assert_int_equal(x.ev.count, 1);
    assert_int_equal(x.ev.evidence[0], 1);
    assert_false(weir_pressure_end(&x.w, WEIR_ACTION_ALERT, &x.ev));
}

static void an_end_that_is_owed_loses_no_later_count(void **state)
{
    struct watched x = { .totals = { .evicted = 2 } };

    (void)state;
    assert_true(look(&x, 1));
    x.totals.evicted = 3;
    assert_false(look(&x, 2));
    x.totals.evicted = 10;
    assert_true(look(&x, 30));
    assert_true(x.ev.flags & WEIR_EVENT_FINAL);
    assert_int_equal(x.ev.count, 3);
    assert_true(look(&x, 31));
    assert_int_equal(x.ev.count, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_lost_before_is_old_news),
        cmocka_unit_test(an_incident_doubles_and_ends_exactly),
        cmocka_unit_test(a_loss_after_the_pause_is_a_new_incident),
        cmocka_unit_test(an_end_that_is_owed_loses_no_later_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
