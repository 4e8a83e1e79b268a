/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include "analytics/services_write.h"
#include "base/addr.h"
#include "base/cleanup.h"

#include <string.h>

#include <jansson.h>

#define SECOND 1000000000ULL
#define WINDOW (300 * SECOND)

static struct weir_flow flow_of(unsigned host, uint16_t port, bool local)
{
    struct weir_flow f = { .sport = 40000,
                           .dport = port,
                           .start_ns = SECOND,
                           .marks = local ? WEIR_FLOW_LOCAL_SERVER : 0 };
    struct weir_flow_side *c = &f.side[WEIR_SIDE_CLIENT], *s = &f.side[WEIR_SIDE_SERVER];

    assert_int_equal(weir_addr_parse("198.51.100.7", f.src), 0);
    assert_int_equal(weir_addr_parse("192.0.2.0", f.dst), 0);
    f.dst[14] = (uint8_t)(host >> 8);
    f.dst[15] = (uint8_t)host;
    c->flags = WEIR_SIDE_SEEN | WEIR_SIDE_SYN | WEIR_SIDE_ACKED;
    s->flags = WEIR_SIDE_SEEN | WEIR_SIDE_SYN | WEIR_SIDE_ACKED;
    c->packets = 10;
    s->packets = 8;
    c->bytes = 1000;
    s->bytes = 50000;
    f.synack_fine = 10000;
    f.ack_fine = 20000;
    return f;
}

static const struct weir_service *only(const struct weir_services *s)
{
    assert_int_equal(weir_services_count(s), 1);
    return weir_services_at(s, 0);
}

static uint32_t p50(const struct weir_service *v, enum weir_spread which)
{
    struct weir_histogram h;

    weir_service_spread(v, which, &h);
    return weir_histogram_percentile(&h, 50);
}

static void sums_and_spreads(void **state)
{
    _cleanup_(weir_services_freep) struct weir_services *s = NULL;
    struct weir_service_sum sum;
    struct weir_flow f = flow_of(1, 443, true);

    (void)state;
    assert_int_equal(weir_services_new(8, 1, WINDOW, &s), 0);
    f.perf[WEIR_SIDE_CLIENT] = (struct weir_flow_perf){
        .srtt = 30000, .rtt_samples = 4, .retransmitted = 1, .zero_windows = 2, .zero_ticks = 1000
    };
    f.perf[WEIR_SIDE_SERVER] =
        (struct weir_flow_perf){ .retransmitted = 4, .reordered = 2, .duplicate_acks = 3 };
    weir_services_ended(s, &f, WEIR_END_CLOSED, SECOND);
    f.side[WEIR_SIDE_SERVER].flags |= WEIR_SIDE_RST;
    f.origin = WEIR_ORIGIN_MIDSTREAM;
    f.synack_fine = f.ack_fine = 0;
    weir_services_ended(s, &f, WEIR_END_TIMEOUT, SECOND);
    sum = weir_service_total(only(s));
    assert_int_equal(sum.connections, 2);
    assert_int_equal(sum.midstream, 1);
    assert_int_equal(sum.timeouts, 1);
    assert_int_equal(sum.side[WEIR_SIDE_CLIENT].bytes, 2000);
    assert_int_equal(sum.side[WEIR_SIDE_SERVER].packets, 16);
    assert_int_equal(sum.side[WEIR_SIDE_CLIENT].retransmitted, 2);
    assert_int_equal(sum.side[WEIR_SIDE_SERVER].retransmitted, 8);
    assert_int_equal(sum.side[WEIR_SIDE_SERVER].reordered, 4);
    assert_int_equal(sum.side[WEIR_SIDE_SERVER].duplicate_acks, 6);
    assert_int_equal(sum.side[WEIR_SIDE_CLIENT].zero_windows, 4);
    assert_int_equal(sum.side[WEIR_SIDE_CLIENT].zero_ms, 2 * 1048);
    assert_int_equal(sum.side[WEIR_SIDE_SERVER].resets, 1);
    assert_in_range(p50(only(s), WEIR_SPREAD_SYNACK), 9700, 10300);
    assert_in_range(p50(only(s), WEIR_SPREAD_ACK), 19400, 20600);
    assert_in_range(p50(only(s), WEIR_SPREAD_RTT_CLIENT), 29100, 30900);
    assert_int_equal(p50(only(s), WEIR_SPREAD_RTT_SERVER), 0);
}

/* A window that is still closed counts up to the newest packet. */
static void a_closed_window_counts_on(void **state)
{
    struct weir_flow f = flow_of(1, 443, true);

    (void)state;
    f.side[WEIR_SIDE_CLIENT].last_tick = 5000;
    f.side[WEIR_SIDE_SERVER].last_tick = 9000;
    f.perf[WEIR_SIDE_CLIENT].zero_ticks = 10;
    f.perf[WEIR_SIDE_CLIENT].zero_since = 8000;
    assert_int_equal(weir_flow_zero_ticks(&f, WEIR_SIDE_CLIENT), 10);
    f.side[WEIR_SIDE_CLIENT].flags |= WEIR_SIDE_ZERO_WINDOW;
    assert_int_equal(weir_flow_zero_ticks(&f, WEIR_SIDE_CLIENT), 1010);
}

static void what_runs_is_added_to_what_ended(void **state)
{
    _cleanup_(weir_services_freep) struct weir_services *s = NULL;
    struct weir_flow f = flow_of(1, 443, true);
    struct weir_service_sum sum;

    (void)state;
    assert_int_equal(weir_services_new(8, 1, WINDOW, &s), 0);
    weir_services_ended(s, &f, WEIR_END_CLOSED, SECOND);
    for (int i = 0; i < 3; i++) {
        weir_services_begin(s);
        weir_services_running(s, &f, SECOND);
        weir_services_running(s, &f, SECOND);
        sum = weir_service_total(only(s));
        assert_int_equal(sum.connections, 3);
        assert_int_equal(sum.running, 2);
        assert_int_equal(sum.side[WEIR_SIDE_SERVER].bytes, 150000);
    }
    weir_services_begin(s);
    sum = weir_service_total(only(s));
    assert_int_equal(sum.connections, 1);
    assert_int_equal(sum.running, 0);
}

static void a_scan_makes_no_service(void **state)
{
    _cleanup_(weir_services_freep) struct weir_services *s = NULL;
    struct weir_flow f = flow_of(1, 443, true);
    struct weir_attempt a = { .failure = WEIR_ATTEMPT_REFUSED };

    (void)state;
    assert_int_equal(weir_services_new(8, 1, WINDOW, &s), 0);
    /* An acknowledgement out of nowhere, and the RST that answers it. */
    f.side[WEIR_SIDE_CLIENT].flags = WEIR_SIDE_SEEN | WEIR_SIDE_LOOSE;
    f.side[WEIR_SIDE_SERVER].flags = WEIR_SIDE_SEEN | WEIR_SIDE_RST;
    f.side[WEIR_SIDE_SERVER].packets = 1;
    weir_services_ended(s, &f, WEIR_END_CLOSED, SECOND);
    /* A SYN alone. */
    f.side[WEIR_SIDE_CLIENT].flags = WEIR_SIDE_SEEN | WEIR_SIDE_SYN;
    f.side[WEIR_SIDE_SERVER].flags = 0;
    weir_services_ended(s, &f, WEIR_END_TIMEOUT, SECOND);
    memcpy(a.dst, f.dst, sizeof(a.dst));
    for (a.dport = 1; a.dport < 1000; a.dport++)
        weir_services_attempt(s, &a, SECOND);
    assert_int_equal(weir_services_count(s), 0);
    assert_int_equal(weir_services_other(s)->failed[WEIR_ATTEMPT_REFUSED], 999);
}

static void failures_of_a_known_service_are_its_own(void **state)
{
    _cleanup_(weir_services_freep) struct weir_services *s = NULL;
    struct weir_flow f = flow_of(1, 443, true);
    struct weir_attempt a = { .dport = 443 };

    (void)state;
    assert_int_equal(weir_services_new(8, 1, WINDOW, &s), 0);
    weir_services_ended(s, &f, WEIR_END_CLOSED, SECOND);
    memcpy(a.dst, f.dst, sizeof(a.dst));
    for (a.failure = 0; a.failure < WEIR_ATTEMPT_MAX; a.failure++)
        weir_services_attempt(s, &a, SECOND);
    assert_int_equal(weir_service_failures(only(s)), WEIR_ATTEMPT_MAX);
    assert_int_equal(weir_services_other(s)->failed[0], 0);
}

static void windows_pass(void **state)
{
    _cleanup_(weir_services_freep) struct weir_services *s = NULL;
    struct weir_flow f = flow_of(1, 443, true);

    (void)state;
    assert_int_equal(weir_services_new(8, 1, WINDOW, &s), 0);
    weir_services_tick(s, SECOND);
    weir_services_ended(s, &f, WEIR_END_CLOSED, SECOND);
    weir_services_tick(s, SECOND + WINDOW);
    assert_true(p50(only(s), WEIR_SPREAD_SYNACK));
    weir_services_tick(s, SECOND + WINDOW + WINDOW / 2); /* not yet */
    assert_true(p50(only(s), WEIR_SPREAD_SYNACK));
    weir_services_tick(s, SECOND + 2 * WINDOW);
    assert_false(p50(only(s), WEIR_SPREAD_SYNACK));
    assert_int_equal(weir_service_total(only(s)).connections, 1); /* sums stay */
}

/* Half of the places are for ours; a full table counts on among the others, and who was silent for
 * two windows makes room. */
static void a_full_table(void **state)
{
    _cleanup_(weir_services_freep) struct weir_services *s = NULL;
    struct weir_flow f;
    uint64_t later = SECOND + 2 * WINDOW + 1;

    (void)state;
    assert_int_equal(weir_services_new(8, 1, WINDOW, &s), 0);
    for (unsigned i = 0; i < 20; i++) {
        f = flow_of(i, 443, false);
        weir_services_ended(s, &f, WEIR_END_CLOSED, SECOND);
    }
    assert_int_equal(weir_services_count(s), 4);
    assert_int_equal(weir_services_other(s)->connections, 16);
    for (unsigned i = 100; i < 110; i++) {
        f = flow_of(i, 443, true);
        weir_services_ended(s, &f, WEIR_END_CLOSED, SECOND);
    }
    assert_int_equal(weir_services_count(s), 8);
    assert_int_equal(weir_services_other(s)->connections, 22);
    for (unsigned i = 200; i < 208; i++) {
        f = flow_of(i, 443, true);
        weir_services_ended(s, &f, WEIR_END_CLOSED, later);
    }
    assert_int_equal(weir_services_count(s), 8);
    assert_int_equal(weir_services_other(s)->connections, 30); /* and those that made room */
    for (uint32_t i = 0; i < 8; i++)
        assert_true(weir_services_at(s, i)->addr[15] >= 200);
    f = flow_of(200, 443, true); /* found where it stands now */
    weir_services_ended(s, &f, WEIR_END_CLOSED, later);
    assert_int_equal(weir_services_other(s)->connections, 30);
}

static void order_and_output(void **state)
{
    _cleanup_(weir_services_freep) struct weir_services *s = NULL;
    _cleanup_(weir_buf_free) struct weir_buf out = { 0 }, table = { 0 };
    struct weir_json j = { .out = &out };
    const struct weir_service *top[WEIR_SERVICES_WRITTEN];
    enum weir_service_sort sort;
    json_t *root, *first;

    (void)state;
    assert_int_equal(weir_services_new(8, 1, WINDOW, &s), 0);
    for (unsigned i = 1; i < 5; i++) {
        struct weir_flow f = flow_of(i, 80, true);

        f.synack_fine = 100000 / i;
        f.side[1].bytes = i == 3 ? 1000000 : 1;
        for (unsigned k = 0; k < i; k++)
            weir_services_ended(s, &f, WEIR_END_CLOSED, SECOND);
    }
    assert_int_equal(weir_services_top(s, WEIR_SERVICES_BY_CONNECTIONS, top, 3), 3);
    assert_int_equal(top[0]->addr[15], 4);
    assert_int_equal(top[2]->addr[15], 2);
    assert_int_equal(weir_services_top(s, WEIR_SERVICES_BY_BYTES, top, 1), 1);
    assert_int_equal(top[0]->addr[15], 3);
    assert_int_equal(weir_services_top(s, WEIR_SERVICES_BY_LATENCY, top, 9), 4);
    assert_int_equal(top[0]->addr[15], 1);
    assert_int_equal(weir_service_sort_parse("failures", &sort), 0);
    assert_int_equal(sort, WEIR_SERVICES_BY_FAILURES);
    assert_true(weir_service_sort_parse("beauty", &sort) < 0);

    weir_json_object(&j, NULL);
    weir_services_write(s, WEIR_SERVICES_BY_CONNECTIONS, 2, &j);
    weir_json_object_end(&j);
    root = json_loadb(out.data, out.len, 0, NULL);
    assert_non_null(root);
    assert_int_equal(json_integer_value(json_object_get(root, "services_known")), 4);
    assert_int_equal(json_array_size(json_object_get(root, "services")), 2);
    first = json_array_get(json_object_get(root, "services"), 0);
    assert_string_equal(json_string_value(json_object_get(first, "address")), "192.0.0.4");
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(first, "handshake_server_us"), "n")), 4);
    json_decref(root);

    weir_services_print(s, WEIR_SERVICES_BY_CONNECTIONS, 2, &table);
    weir_buf_add_char(&table, '\0');
    assert_non_null(strstr(table.data, "192.0.0.4:80"));
    assert_non_null(strstr(table.data, "and 2 more"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_and_spreads),
        cmocka_unit_test(a_closed_window_counts_on),
        cmocka_unit_test(what_runs_is_added_to_what_ended),
        cmocka_unit_test(a_scan_makes_no_service),
        cmocka_unit_test(failures_of_a_known_service_are_its_own),
        cmocka_unit_test(windows_pass),
        cmocka_unit_test(a_full_table),
        cmocka_unit_test(order_and_output),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
