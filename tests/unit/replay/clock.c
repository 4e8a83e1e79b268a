/* SPDX-License-Identifier: Apache-2.0 */

/* Incidents where capture time goes back and forth: it never ends one, and never keeps one. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "replay/incidents.h"

#define SECOND 1000000000ULL
#define START (1700000000 * SECOND)
#define ROW 3

static struct weir_event sent[16];
static size_t sent_n;

static void take(void *ctx, const struct weir_event *ev)
{
    (void)ctx;
    assert_true(sent_n < 16);
    sent[sent_n++] = *ev;
}

static struct weir_incidents *table(void)
{
    struct weir_incidents *t = NULL;

    sent_n = 0;
    assert_int_equal(weir_incidents_new(1 << 16, SIZE_MAX, take, NULL, &t), 0);
    return t;
}

static void note(struct weir_incidents *t, uint8_t source, uint64_t ts)
{
    struct weir_event ev = { .ts_ns = ts, .src = { [15] = source } };

    weir_incidents_sweep(t, ts);
    weir_incidents_note(t, ROW, &ev);
}

static void one_old_packet_is_no_pause(void **state)
{
    struct weir_incidents *t = table();

    (void)state;
    note(t, 1, START + 100 * SECOND);
    note(t, 1, START);
    note(t, 1, START + 101 * SECOND);
    assert_int_equal(sent_n, 2);
    weir_incidents_end_all(t);
    assert_int_equal(sent_n, 3);
    assert_int_equal(sent[2].count, 3);
    weir_incidents_free(t);
}

static void pause_counts_from_the_newest(void **state)
{
    struct weir_incidents *t = table();

    (void)state;
    note(t, 1, START + 5 * SECOND);
    note(t, 1, START + 5 * SECOND);
    note(t, 1, START);
    weir_incidents_sweep(t, START + 15 * SECOND - 1);
    assert_int_equal(sent_n, 2);
    weir_incidents_sweep(t, START + 15 * SECOND);
    assert_int_equal(sent_n, 3);
    assert_int_equal(sent[2].count, 3);
    weir_incidents_free(t);
}

static void far_future_hides_nobody(void **state)
{
    struct weir_incidents *t = table();

    (void)state;
    note(t, 1, START * 2); /* a damaged time */
    for (unsigned i = 0; i < 3; i++)
        note(t, 2, START);
    for (unsigned i = 0; i < 4; i++)
        weir_incidents_sweep(t, START + 20 * SECOND);
    assert_int_equal(sent_n, 4);
    assert_int_equal(sent[3].count, 3);
    assert_true(sent[3].flags & WEIR_EVENT_FINAL);
    assert_int_equal(weir_incidents_stats(t).used, 1);
    weir_incidents_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_old_packet_is_no_pause),
        cmocka_unit_test(pause_counts_from_the_newest),
        cmocka_unit_test(far_future_hides_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
