/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How numbers are spread, in memory of a fixed size: buckets that are equally wide within a power
 * of two. The value that a bucket stands for is its middle, so that it is wrong by at most half a
 * bucket, 1/32 (3.2 %) of any number in it; below 16 it is exact. Two histograms add up to that of
 * all their numbers, whatever the order. */

#include <stdbool.h>
#include <stdint.h>

#define WEIR_HISTOGRAM_BITS 4    /* 16 buckets for each power of two */
#define WEIR_HISTOGRAM_POWERS 27 /* numbers below 2^27; larger ones are in the last bucket */
#define WEIR_HISTOGRAM_BUCKETS                                                                     \
    ((WEIR_HISTOGRAM_POWERS - WEIR_HISTOGRAM_BITS + 1) << WEIR_HISTOGRAM_BITS)

struct weir_histogram {
    uint64_t n;
    uint32_t bucket[WEIR_HISTOGRAM_BUCKETS];
};

void weir_histogram_add(struct weir_histogram *h, uint32_t v);
void weir_histogram_merge(struct weir_histogram *h, const struct weir_histogram *from);
/* The number that percent (1 to 100) of all are not above; 0 when there are none. */
uint32_t weir_histogram_percentile(const struct weir_histogram *h, unsigned percent);
