/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/services_write.h"

#include <errno.h>
#include <string.h>

#include "base/addr.h"

static const char *const sort_name[WEIR_SERVICES_SORTS] = { "connections", "bytes", "latency",
                                                            "failures" };
static const char *const spread_name[WEIR_SPREADS] = { "handshake_server_us", "handshake_client_us",
                                                       "rtt_client_us", "rtt_server_us" };
static const char *const side_name[WEIR_SIDES] = { "client", "server" };

const char *weir_attempt_name(unsigned failure)
{
    static const char *const name[WEIR_ATTEMPT_MAX] = { "silent", "refused", "unfinished",
                                                        "aborted" };

    return failure < WEIR_ATTEMPT_MAX ? name[failure] : "unknown";
}

int weir_service_sort_parse(const char *text, enum weir_service_sort *ret)
{
    for (unsigned i = 0; i < WEIR_SERVICES_SORTS; i++) {
        if (strcmp(text, sort_name[i]))
            continue;
        *ret = i;
        return 0;
    }
    return -EINVAL;
}

static uint64_t latency_of(const struct weir_service *v)
{
    struct weir_histogram synack, ack;

    weir_service_spread(v, WEIR_SPREAD_SYNACK, &synack);
    weir_service_spread(v, WEIR_SPREAD_ACK, &ack);
    return (uint64_t)weir_histogram_percentile(&synack, 90) + weir_histogram_percentile(&ack, 90);
}

static uint64_t rank_of(const struct weir_service *v, enum weir_service_sort sort)
{
    struct weir_service_sum sum = weir_service_total(v);

    switch (sort) {
    case WEIR_SERVICES_BY_BYTES:
        return sum.side[0].bytes + sum.side[1].bytes;
    case WEIR_SERVICES_BY_LATENCY:
        return latency_of(v);
    case WEIR_SERVICES_BY_FAILURES:
        return weir_service_failures(v);
    default:
        return sum.connections;
    }
}

size_t weir_services_top(const struct weir_services *s, enum weir_service_sort sort,
                         const struct weir_service **ret, size_t max)
{
    uint64_t rank[WEIR_SERVICES_WRITTEN];
    size_t n = 0;

    if (max > WEIR_SERVICES_WRITTEN)
        max = WEIR_SERVICES_WRITTEN;
    for (uint32_t i = 0; i < weir_services_count(s); i++) {
        const struct weir_service *v = weir_services_at(s, i);
        uint64_t r = rank_of(v, sort);
        size_t at = n;

        while (at > 0 && rank[at - 1] < r)
            at--;
        if (at == max)
            continue;
        n += n < max;
        memmove(&ret[at + 1], &ret[at], (n - 1 - at) * sizeof(ret[0]));
        memmove(&rank[at + 1], &rank[at], (n - 1 - at) * sizeof(rank[0]));
        ret[at] = v;
        rank[at] = r;
    }
    return n;
}

/* Ticks of 1024 ns to microseconds. */
static uint64_t us_of(uint32_t fine)
{
    return ((uint64_t)fine << WEIR_FINE_SHIFT) / 1000;
}

static void spread_write(const struct weir_service *v, enum weir_spread which, struct weir_json *j)
{
    static const struct {
        const char *name;
        unsigned percent;
    } point[] = { { "p50", 50 }, { "p90", 90 }, { "p99", 99 } };
    struct weir_histogram h;

    weir_service_spread(v, which, &h);
    if (!h.n)
        return;
    weir_json_object(j, spread_name[which]);
    weir_json_u64(j, "n", h.n);
    for (size_t i = 0; i < sizeof(point) / sizeof(point[0]); i++)
        weir_json_u64(j, point[i].name, us_of(weir_histogram_percentile(&h, point[i].percent)));
    weir_json_object_end(j);
}

static void side_write(const struct weir_service_side *s, const char *name, struct weir_json *j)
{
    weir_json_object(j, name);
    weir_json_u64(j, "bytes", s->bytes);
    weir_json_u64(j, "packets", s->packets);
    weir_json_u64(j, "retransmitted", s->retransmitted);
    weir_json_u64(j, "reordered", s->reordered);
    weir_json_u64(j, "duplicate_acks", s->duplicate_acks);
    weir_json_u64(j, "zero_windows", s->zero_windows);
    weir_json_u64(j, "zero_window_ms", s->zero_ms);
    weir_json_u64(j, "resets", s->resets);
    weir_json_object_end(j);
}

static void sum_write(const struct weir_service_sum *sum, struct weir_json *j)
{
    weir_json_u64(j, "connections", sum->connections);
    weir_json_u64(j, "running", sum->running);
    weir_json_u64(j, "midstream", sum->midstream);
    weir_json_u64(j, "timeouts", sum->timeouts);
    weir_json_object(j, "failed");
    for (unsigned i = 0; i < WEIR_ATTEMPT_MAX; i++)
        weir_json_u64(j, weir_attempt_name(i), sum->failed[i]);
    weir_json_object_end(j);
    for (unsigned i = 0; i < WEIR_SIDES; i++)
        side_write(&sum->side[i], side_name[i], j);
}

static void service_write(const struct weir_service *v, struct weir_json *j)
{
    struct weir_service_sum sum = weir_service_total(v);
    char text[WEIR_ADDR_TEXT];

    weir_json_object(j, NULL);
    weir_json_str(j, "address", weir_addr_format(v->addr, text));
    weir_json_u64(j, "port", v->port);
    weir_json_bool(j, "local", v->local);
    sum_write(&sum, j);
    for (unsigned i = 0; i < WEIR_SPREADS; i++)
        spread_write(v, i, j);
    weir_json_object_end(j);
}

void weir_services_write(const struct weir_services *s, enum weir_service_sort sort, size_t max,
                         struct weir_json *j)
{
    const struct weir_service *top[WEIR_SERVICES_WRITTEN];
    size_t n = weir_services_top(s, sort, top, max);

    weir_json_u64(j, "services_known", weir_services_count(s));
    weir_json_array(j, "services");
    for (size_t i = 0; i < n; i++)
        service_write(top[i], j);
    weir_json_array_end(j);
    weir_json_object(j, "services_other");
    sum_write(weir_services_other(s), j);
    weir_json_object_end(j);
}
