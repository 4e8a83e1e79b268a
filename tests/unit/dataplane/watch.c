/* SPDX-License-Identifier: Apache-2.0 */

/* Whose packets are kept whole: dataplane/watch.h. */

#include "harness/expect.h"

#include "dataplane/watch.h"

#define SECOND 1000000000ULL

static const __u8 one[16] = { [15] = 1 }, two[16] = { [15] = 2 };

static void so_many_packets_and_no_more(void **state)
{
    struct weir_watch w = { 0 };

    (void)state;
    assert_int_equal(weir_watch_take(&w, one, SECOND), 0);
    assert_int_equal(weir_watch_begin(&w, one, SECOND, 3), WEIR_WATCH_BEGUN);
    assert_int_equal(weir_watch_take(&w, two, SECOND), 0);
    for (__u32 left = 3; left; left--)
        assert_int_equal(weir_watch_take(&w, one, SECOND), left);
    assert_int_equal(weir_watch_take(&w, one, SECOND), 0);
    assert_int_equal(w.number, 1);
}

static void not_for_ever(void **state)
{
    struct weir_watch w = { 0 };

    (void)state;
    (void)weir_watch_begin(&w, one, SECOND, 100);
    assert_int_equal(weir_watch_take(&w, one, SECOND + WEIR_WATCH_NS - 1), 100);
    assert_int_equal(weir_watch_take(&w, one, SECOND + WEIR_WATCH_NS), 0);
}

static void a_second_incident_goes_into_the_same_file(void **state)
{
    struct weir_watch w = { 0 };

    (void)state;
    (void)weir_watch_begin(&w, one, SECOND, 3);
    (void)weir_watch_take(&w, one, SECOND);
    assert_int_equal(weir_watch_begin(&w, one, 2 * SECOND, 3), WEIR_WATCH_RENEWED);
    assert_int_equal(weir_watch_take(&w, one, 2 * SECOND), 3);
    assert_int_equal(w.number, 1);
    assert_int_equal(w.until_ns, SECOND + WEIR_WATCH_NS); /* it does not go on for ever */
}

static void a_place_is_one_sources_until_it_is_over(void **state)
{
    struct weir_watch w = { 0 };

    (void)state;
    (void)weir_watch_begin(&w, one, SECOND, 2);
    assert_int_equal(weir_watch_begin(&w, two, SECOND, 2), WEIR_WATCH_REFUSED);
    assert_int_equal(weir_watch_begin(&w, two, SECOND + WEIR_WATCH_NS, 2), WEIR_WATCH_BEGUN);
    assert_int_equal(weir_watch_take(&w, one, SECOND + WEIR_WATCH_NS), 0);
    assert_int_equal(weir_watch_take(&w, two, SECOND + WEIR_WATCH_NS), 2);
    assert_int_equal(weir_watch_take(&w, two, SECOND + WEIR_WATCH_NS), 1);
    assert_int_equal(weir_watch_begin(&w, one, SECOND + WEIR_WATCH_NS, 2), WEIR_WATCH_BEGUN);
    assert_int_equal(w.number, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(so_many_packets_and_no_more),
        cmocka_unit_test(not_for_ever),
        cmocka_unit_test(a_second_incident_goes_into_the_same_file),
        cmocka_unit_test(a_place_is_one_sources_until_it_is_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
