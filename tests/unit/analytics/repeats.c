/* SPDX-License-Identifier: Apache-2.0 */

/* Findings of user space as incidents: analytics/repeats.h. */

#include "analytics/repeats.h"
#include "harness/run.h"

#include <string.h>

#define SECOND 1000000000ULL

static struct weir_event got[64];
static size_t n;

static void sink(void *ctx, const struct weir_event *ev)
{
    (void)ctx;
    assert_true(n < 64);
    got[n++] = *ev;
}

static struct weir_repeats *fresh(void)
{
    static const struct weir_hash_key key = { .word = { 1, 2, 3, 4, 5, 6, 7, 8 } };
    struct weir_repeats *r = NULL;

    assert_int_equal(weir_repeats_new(&key, sink, NULL, &r), 0);
    n = 0;
    return r;
}

static void note(struct weir_repeats *r, uint8_t source, uint32_t kind, uint64_t at_ns)
{
    const struct weir_event ev = { .ts_ns = at_ns,
                                   .first_ns = at_ns,
                                   .count = 1,
                                   .src = { [15] = source },
                                   .ip_version = 4,
                                   .frame_bytes = 60,
                                   .evidence = { kind } };

    weir_repeats_note(r, &ev);
}

static void at_doubling_counts_and_at_the_end(void **state)
{
    struct weir_repeats *r = fresh();

    (void)state;
    for (uint64_t i = 1; i <= 9; i++)
        note(r, 1, 7, i * SECOND);
    assert_int_equal(n, 4);
    assert_int_equal(got[3].count, 8);
    assert_int_equal(got[3].first_ns, SECOND);
    assert_int_equal(got[3].evidence[0], 7);
    weir_repeats_sweep(r, 18 * SECOND, false);
    assert_int_equal(n, 4);
    weir_repeats_sweep(r, 19 * SECOND, false);
    assert_int_equal(n, 5);
    assert_int_equal(got[4].count, 9);
    assert_int_equal(got[4].flags, WEIR_EVENT_FINAL);
    assert_int_equal(got[4].frame_bytes, 0);
    note(r, 1, 7, 20 * SECOND); /* another incident, which owes nothing */
    weir_repeats_sweep(r, 20 * SECOND, true);
    assert_int_equal(n, 6);
    assert_int_equal(got[5].count, 1);
    weir_repeats_free(r);
}

/* Each source and kind by itself; however many, each count is told in full. */
static void many(void **state)
{
    struct weir_repeats *r = fresh();
    uint64_t told[4] = { 0 };

    (void)state;
    for (uint64_t i = 0; i < 12; i++)
        note(r, (uint8_t)(i % 2), (uint32_t)(i / 2 % 2), i);
    weir_repeats_sweep(r, 12, true);
    for (size_t i = 0; i < n; i++) {
        uint64_t *of = &told[got[i].src[15] * 2 + (got[i].flags & WEIR_EVENT_FINAL ? 0 : 1)];

        *of += got[i].flags & WEIR_EVENT_FINAL ? got[i].count : 0;
    }
    assert_int_equal(told[0], 6); /* two kinds, three times each */
    assert_int_equal(told[2], 6);
    weir_repeats_free(r);
}

/* More than there are places: who has to go is told of in full. */
static void no_room(void **state)
{
    struct weir_repeats *r = fresh();
    uint64_t finals = 0, packets = 0;

    (void)state;
    for (uint32_t i = 1; i <= 2000; i++) {
        n = 0;
        for (unsigned k = 0; k < 3; k++)
            note(r, (uint8_t)i, i, i);
        for (size_t k = 0; k < n; k++) {
            finals += got[k].flags & WEIR_EVENT_FINAL;
            packets += got[k].flags & WEIR_EVENT_FINAL ? got[k].count : 0;
        }
    }
    finals /= WEIR_EVENT_FINAL;
    assert_true(finals >= 2000 - WEIR_REPEATS && finals < 2000);
    assert_int_equal(packets, 3 * finals);
    weir_repeats_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_doubling_counts_and_at_the_end),
        cmocka_unit_test(many),
        cmocka_unit_test(no_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
