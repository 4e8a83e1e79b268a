/* SPDX-License-Identifier: Apache-2.0 */

/* From findings to events: steps, exact counts, last events, and what is lost. */

#include "abi/detection.h"
#include "dataplane/print.h"
#include "prog/host.h"

#define NOW (1000 * SECOND)

static const struct weir_packet null_scan = { .tcp = { .flags = NO_FLAGS } };

static void run_times(struct weir_loader *l, const struct weir_packet *p, int n)
{
    while (n--)
        (void)run_packet(l, WEIR_HOOK_XDP, p);
}

static void steps_double(void **state)
{
    static const uint64_t want[] = { 1, 2, 4, 8, 16 };
    struct weir_loader *l = load_in_mode(WEIR_MODE_OBSERVE);
    struct caught c = { 0 };

    (void)state;
    run_times(l, &null_scan, 21);
    assert_int_equal(weir_events_read(l, catch_event, &c), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(c.ev[i].abi, WEIR_ABI);
        assert_int_equal(c.ev[i].detection, WEIR_DET_SCAN_NULL);
        assert_int_equal(c.ev[i].count, want[i]);
        assert_int_equal(c.ev[i].dport, PACKET_SERVER_PORT);
        assert_int_equal(c.ev[i].flags & WEIR_EVENT_FINAL, 0);
    }
    weir_loader_free(l);
}

static void sweep_tells_exact_count(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);
    struct caught c = { 0 };

    (void)state;
    run_times(l, &null_scan, 21);
    assert_int_equal(weir_events_sweep(l, NOW + 9 * SECOND, false, catch_event, &c), 1);
    assert_int_equal(c.n, 0);
    assert_int_equal(weir_events_sweep(l, NOW + 10 * SECOND, false, catch_event, &c), 0);
    assert_int_equal(c.n, 1);
    assert_int_equal(c.ev[0].count, 21);
    assert_int_equal(c.ev[0].flags & (WEIR_EVENT_FINAL | WEIR_EVENT_ENFORCED),
                     WEIR_EVENT_FINAL | WEIR_EVENT_ENFORCED);
    assert_int_equal(c.ev[0].dport, PACKET_SERVER_PORT);
    weir_loader_free(l);
}

static void nothing_owed_no_last_event(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_OBSERVE);
    struct caught c = { 0 };

    (void)state;
    run_times(l, &null_scan, 4);
    assert_int_equal(weir_events_sweep(l, 0, true, catch_event, &c), 0);
    assert_int_equal(c.n, 0);
    weir_loader_free(l);
}

/* No sweep came: the first packet of the next incident closes the one before. */
static void kernel_closes_by_itself(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_OBSERVE);
    struct caught c = { 0 };

    (void)state;
    run_times(l, &null_scan, 3);
    weir_loader_test_clock(l, NOW + 11 * SECOND, 0);
    run_times(l, &null_scan, 1);
    assert_int_equal(weir_events_read(l, catch_event, &c), 4);
    assert_int_equal(c.ev[2].count, 3);
    assert_true(c.ev[2].flags & WEIR_EVENT_FINAL);
    assert_int_equal(c.ev[2].ts_ns, NOW);
    assert_int_equal(c.ev[3].count, 1);
    assert_int_equal(c.ev[3].first_ns, NOW + 11 * SECOND);
    weir_loader_free(l);
}

static void sources_and_rows_apart(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_OBSERVE);
    struct caught c = { 0 };

    (void)state;
    run_times(l, &null_scan, 1);
    run_times(l, PACKET(.ip4 = { .src = "192.0.2.11" }, .tcp = { .flags = NO_FLAGS }), 1);
    run_times(l, PACKET(.tcp = { .flags = WEIR_SYN | WEIR_FIN }), 1);
    assert_int_equal(weir_events_read(l, catch_event, &c), 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(c.ev[i].count, 1);
    weir_loader_free(l);
}

/* Findings from ever new sources until the ring is full: each lost event is counted, and each
 * incident's exact count still comes with the sweep. */
static void ring_loss_is_counted(void **state)
{
    struct weir_loader_config config = test_config();
    static struct weir_frame frame;
    struct weir_loader *l;
    struct weir_policy policy;
    struct weir_counters n;

    (void)state;
    config.ring_high = 4096;
    l = load_with(&config);
    weir_policy_default(&policy, WEIR_MODE_OBSERVE);
    assert_int_equal(weir_loader_policy_write(l, &policy, NULL), 0);
    weir_packet_build(&null_scan, &frame);
    for (int i = 0; i < 100; i++) {
        frame.b[14 + 15] = (__u8)i; /* last byte of the source; sums are then wrong: found too */
        (void)run_frame(l, WEIR_HOOK_XDP, frame.b, frame.wire);
    }
    n = read_counters(l, WEIR_HOOK_XDP);
    assert_int_equal(n.n[WEIR_COUNTER_INCIDENT_NEW], 100);
    assert_true(n.n[WEIR_COUNTER_LOST_RING_HIGH] > 0);
    assert_int_equal(n.n[WEIR_COUNTER_EVENTS] + n.n[WEIR_COUNTER_LOST_RING_HIGH], 100);
    {
        struct caught c = { 0 };

        assert_int_equal(weir_events_sweep(l, 0, true, catch_event, &c), 0);
        assert_int_equal(c.n, n.n[WEIR_COUNTER_LOST_RING_HIGH]);
    }
    weir_loader_free(l);
}

static void new_sources_are_limited(void **state)
{
    struct weir_loader_config config = test_config();
    static struct weir_frame frame;
    struct weir_loader *l;
    struct weir_policy policy;
    struct weir_counters n;

    (void)state;
    config.no_incident_limit = false;
    l = load_with(&config);
    weir_policy_default(&policy, WEIR_MODE_OBSERVE);
    assert_int_equal(weir_loader_policy_write(l, &policy, NULL), 0);
    weir_packet_build(&null_scan, &frame);
    for (int i = 0; i < 3000 * 8; i++) {
        frame.b[14 + 14] = (__u8)(i >> 8);
        frame.b[14 + 15] = (__u8)i;
        (void)run_frame(l, WEIR_HOOK_XDP, frame.b, frame.wire);
    }
    n = read_counters(l, WEIR_HOOK_XDP);
    assert_true(n.n[WEIR_COUNTER_LOST_RATE] > 0);
    assert_int_equal(n.n[WEIR_COUNTER_LOST_RATE] + n.n[WEIR_COUNTER_INCIDENT_NEW], 3000 * 8);
    assert_int_equal(n.found[WEIR_ROW_SCAN_NULL], 3000 * 8); /* rows stay exact */
    weir_loader_free(l);
}

static int add_up(const struct weir_incident_key *key, const struct weir_incident *in, void *arg)
{
    uint64_t *packets = arg;

    assert_int_equal(key->detection, WEIR_DET_SCAN_NULL);
    *packets += in->count;
    return 0;
}

static int refuse(const struct weir_incident_key *key, const struct weir_incident *in, void *arg)
{
    (void)key;
    (void)in;
    (void)arg;
    return 7;
}

/* More than one batch of them. */
static void every_running_one_is_told(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_OBSERVE);
    static struct weir_frame frame;
    uint64_t packets = 0;

    (void)state;
    assert_int_equal(weir_incidents_each(l, add_up, &packets), 0);
    assert_int_equal(packets, 0);
    weir_packet_build(&null_scan, &frame);
    for (int i = 0; i < 3000; i++) {
        frame.b[14 + 14] = (__u8)(i >> 8);
        frame.b[14 + 15] = (__u8)i;
        (void)run_frame(l, WEIR_HOOK_XDP, frame.b, frame.wire);
        (void)run_frame(l, WEIR_HOOK_XDP, frame.b, frame.wire);
    }
    assert_int_equal(weir_incidents_each(l, add_up, &packets), 0);
    assert_int_equal(packets, 6000);
    assert_int_equal(weir_incidents_each(l, refuse, NULL), 7);
    weir_loader_free(l);
}

/* Egress counts what leaves, and the ingress rows stay silent there. */
static void egress_is_silent(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);
    struct weir_counters n;

    (void)state;
    assert_false(run_packet(l, WEIR_HOOK_TC_EGRESS, &null_scan));
    n = read_counters(l, WEIR_HOOK_TC_EGRESS);
    assert_int_equal(n.outcome[WEIR_OUTCOME_TCP], 1);
    assert_int_equal(n.found[WEIR_ROW_SCAN_NULL], 0);
    weir_loader_free(l);
}

/* Both hosts call one tool by one name. */
static void the_print_of_a_syn_is_the_cores(void **state)
{
    const struct weir_packet p = { .tcp = { .flags = WEIR_SYN, .window = 1024 },
                                   .payload_bytes = 4 };
    struct weir_loader *l = load_in_mode(WEIR_MODE_OBSERVE);
    struct weir_inspection native;
    struct caught c = { 0 };

    (void)state;
    weir_inspect(&native, &p);
    run_times(l, &p, 1);
    run_times(l, &null_scan, 1);
    assert_int_equal(weir_events_read(l, catch_event, &c), 2);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(c.ev[i].print, c.ev[i].detection == WEIR_DET_FLOOD_SYN_PAYLOAD
                                            ? weir_print(&native.pkt)
                                            : 0);
    weir_loader_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_double),
        cmocka_unit_test(sweep_tells_exact_count),
        cmocka_unit_test(nothing_owed_no_last_event),
        cmocka_unit_test(kernel_closes_by_itself),
        cmocka_unit_test(sources_and_rows_apart),
        cmocka_unit_test(ring_loss_is_counted),
        cmocka_unit_test(new_sources_are_limited),
        cmocka_unit_test(every_running_one_is_told),
        cmocka_unit_test(egress_is_silent),
        cmocka_unit_test(the_print_of_a_syn_is_the_cores),
    };
    int r = privileged_or_skip();

    return r ? r : cmocka_run_group_tests(tests, NULL, NULL);
}
