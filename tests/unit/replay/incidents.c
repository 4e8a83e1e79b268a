/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"
#include "replay/incidents.h"

#include <string.h>

#define SECOND 1000000000ULL
#define RECORDS 64

static struct weir_event seen[RECORDS];
static unsigned seen_n;

static void sink(void *ctx, const struct weir_event *ev)
{
    (void)ctx;
    assert_true(seen_n < RECORDS);
    seen[seen_n++] = *ev;
}

static struct weir_incidents *table(size_t bytes)
{
    struct weir_incidents *t;

    seen_n = 0;
    assert_int_equal(weir_incidents_new(bytes, SIZE_MAX, sink, NULL, &t), 0);
    return t;
}

static void note(struct weir_incidents *t, unsigned row, uint8_t host, uint64_t ns)
{
    struct weir_event ev = { .ts_ns = ns,
                             .packet = ns,
                             .src = { [10] = 0xff, 0xff, 192, 0, 2, host } };

    weir_incidents_sweep(t, ns);
    weir_incidents_note(t, row, &ev);
}

static void counts_double(void **state)
{
    struct weir_incidents *t = table(1 << 20);
    static const uint64_t want[] = { 1, 2, 4, 8, 10 };

    (void)state;
    for (uint64_t i = 1; i <= 10; i++)
        note(t, 0, 1, i);
    assert_int_equal(seen_n, 4);
    weir_incidents_end_all(t);
    assert_int_equal(seen_n, 5);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(seen[i].count, want[i]);
        assert_int_equal(seen[i].first_ns, 1);
        assert_int_equal(!!(seen[i].flags & WEIR_EVENT_FINAL), i == 4);
    }
    assert_int_equal(seen[4].packet, 10); /* the last packet's facts */
    assert_int_equal(weir_incidents_stats(t).suppressed, 6);
    weir_incidents_free(t);
}

static void a_count_that_was_sent_is_not_sent_again(void **state)
{
    struct weir_incidents *t = table(1 << 20);

    (void)state;
    note(t, 0, 1, 1);
    note(t, 0, 1, 2);
    weir_incidents_end_all(t);
    assert_int_equal(seen_n, 2);
    weir_incidents_free(t);
}

static void quiet_ends_it(void **state)
{
    struct weir_incidents *t = table(1 << 20);

    (void)state;
    for (uint64_t i = 0; i < 3; i++)
        note(t, 0, 1, SECOND);
    weir_incidents_sweep(t, 11 * SECOND - 1);
    assert_int_equal(seen_n, 2);
    weir_incidents_sweep(t, 11 * SECOND);
    assert_int_equal(seen_n, 3);
    assert_int_equal(seen[2].count, 3);
    note(t, 0, 1, 30 * SECOND);
    assert_int_equal(seen[3].count, 1);
    assert_int_equal(seen[3].first_ns, 30 * SECOND);
    weir_incidents_free(t);
}

static void a_clock_that_steps_back_ends_nothing(void **state)
{
    struct weir_incidents *t = table(1 << 20);

    (void)state;
    note(t, 0, 1, 100 * SECOND);
    note(t, 0, 1, 50 * SECOND);
    note(t, 0, 1, 51 * SECOND);
    weir_incidents_end_all(t);
    assert_int_equal(seen[seen_n - 1].count, 3);
    assert_int_equal(seen_n, 3);
    weir_incidents_free(t);
}

static void sources_and_rows_are_apart(void **state)
{
    struct weir_incidents *t = table(1 << 20);

    (void)state;
    note(t, 0, 1, 1);
    note(t, 0, 2, 2);
    note(t, 1, 1, 3);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(seen[i].count, 1);
    assert_int_equal(weir_incidents_stats(t).used, 3);
    weir_incidents_free(t);
}

/* A full table ends the incident that was quiet longest, with its exact count, and says so. */
static void full_ends_the_oldest(void **state)
{
    struct weir_incidents *t = table(600);
    size_t size = weir_incidents_stats(t).size;

    (void)state;
    assert_true(size >= 1 && size < 8);
    for (unsigned i = 0; i < 3; i++)
        note(t, 0, 1, 1);
    for (unsigned i = 0; i < size; i++)
        note(t, 0, (uint8_t)(2 + i), 2);
    assert_int_equal(weir_incidents_stats(t).evicted, 1);
    assert_int_equal(weir_incidents_stats(t).used, size);
    for (unsigned i = 0; i < seen_n; i++)
        if (seen[i].flags & WEIR_EVENT_FINAL)
            assert_int_equal(seen[i].count, 3);
    weir_incidents_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_double),
        cmocka_unit_test(a_count_that_was_sent_is_not_sent_again),
        cmocka_unit_test(quiet_ends_it),
        cmocka_unit_test(a_clock_that_steps_back_ends_nothing),
        cmocka_unit_test(sources_and_rows_are_apart),
        cmocka_unit_test(full_ends_the_oldest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
