/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include "analytics/histogram.h"

#include <stdlib.h>
#include <string.h>

#include "harness/random.h"

#define MOST ((1U << WEIR_HISTOGRAM_POWERS) - 1)

static void one_number_is_told_to_a_32nd(void **state)
{
    static struct weir_histogram h;
    struct weir_random random = { 1 };

    (void)state;
    for (int i = 0; i < 200000; i++) {
        uint32_t v = (uint32_t)weir_random_next(&random) >> weir_random_below(&random, 31), got;

        v = v > MOST ? MOST : v;
        memset(&h, 0, sizeof(h));
        weir_histogram_add(&h, v);
        got = weir_histogram_percentile(&h, 50);
        if ((uint64_t)32 * (uint64_t)abs((int)(got - v)) > v)
            fail_msg("%u is told as %u", v, got);
    }
    for (uint32_t v = 0; v < 32; v++) {
        memset(&h, 0, sizeof(h));
        weir_histogram_add(&h, v);
        assert_int_equal(weir_histogram_percentile(&h, 1), v);
    }
}

static void what_is_too_large_is_in_the_last_bucket(void **state)
{
    static struct weir_histogram h;

    (void)state;
    weir_histogram_add(&h, UINT32_MAX);
    weir_histogram_add(&h, MOST + 1);
    assert_int_equal(h.bucket[WEIR_HISTOGRAM_BUCKETS - 1], 2);
    assert_true(weir_histogram_percentile(&h, 99) <= MOST);
    assert_true(weir_histogram_percentile(&h, 99) > MOST - MOST / 16);
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* Against the sorted numbers themselves; parts merged in any order are the same histogram. */
static void percentiles_and_merges(void **state)
{
    static struct weir_histogram part[7], sum, whole;
    static uint32_t v[10007];
    const size_t n = sizeof(v) / sizeof(v[0]);
    struct weir_random random = { 7 };

    (void)state;
    assert_int_equal(weir_histogram_percentile(&sum, 50), 0);
    for (size_t i = 0; i < n; i++) {
        v[i] = (uint32_t)weir_random_next(&random) >> (5 + weir_random_below(&random, 20));
        weir_histogram_add(&part[weir_random_below(&random, 7)], v[i]);
        weir_histogram_add(&whole, v[i]);
    }
    for (int i = 6; i >= 0; i--)
        weir_histogram_merge(&sum, &part[i]);
    assert_memory_equal(&sum, &whole, sizeof(sum));
    qsort(v, n, sizeof(v[0]), by_size);
    for (unsigned percent = 1; percent <= 100; percent++) {
        uint32_t want = v[(n * percent + 99) / 100 - 1];
        uint32_t got = weir_histogram_percentile(&sum, percent);

        if ((uint64_t)32 * (uint64_t)labs((long)got - (long)want) > want)
            fail_msg("percentile %u: %u, expected about %u", percent, got, want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_number_is_told_to_a_32nd),
        cmocka_unit_test(what_is_too_large_is_in_the_last_bucket),
        cmocka_unit_test(percentiles_and_merges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
