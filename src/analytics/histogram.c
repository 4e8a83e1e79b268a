/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/histogram.h"

#define LINEAR (1U << WEIR_HISTOGRAM_BITS)

static unsigned bucket_of(uint32_t v)
{
    unsigned power;

    if (v < LINEAR)
        return v;
    power = 31U - (unsigned)__builtin_clz(v);
    if (power >= WEIR_HISTOGRAM_POWERS)
        return WEIR_HISTOGRAM_BUCKETS - 1;
    return (power - WEIR_HISTOGRAM_BITS) * LINEAR + (v >> (power - WEIR_HISTOGRAM_BITS));
}

static uint32_t middle_of(unsigned bucket)
{
    unsigned shift = bucket / LINEAR ? bucket / LINEAR - 1 : 0;
    uint32_t low = (bucket - shift * LINEAR) << shift;

    return low + ((1U << shift) >> 1);
}

void weir_histogram_add(struct weir_histogram *h, uint32_t v)
{
    h->bucket[bucket_of(v)]++;
    h->n++;
}

void weir_histogram_merge(struct weir_histogram *h, const struct weir_histogram *from)
{
    for (unsigned i = 0; i < WEIR_HISTOGRAM_BUCKETS; i++)
        h->bucket[i] += from->bucket[i];
    h->n += from->n;
}

uint32_t weir_histogram_percentile(const struct weir_histogram *h, unsigned percent)
{
    uint64_t rank = (h->n * percent + 99) / 100, seen = 0;

    if (!h->n)
        return 0;
    for (unsigned i = 0; i < WEIR_HISTOGRAM_BUCKETS; i++) {
        seen += h->bucket[i];
        if (seen >= rank)
            return middle_of(i);
    }
    return middle_of(WEIR_HISTOGRAM_BUCKETS - 1);
}
