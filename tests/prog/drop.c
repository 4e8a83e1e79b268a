/* SPDX-License-Identifier: Apache-2.0 */

/* Records of dropped packets: every reason, none in observe mode, and no more than was asked for.
 */

#include "abi/detection.h"
#include "prog/host.h"

#define PER_SECOND 3

static const struct weir_packet clean = { .tcp = { .flags = WEIR_ACK } };
static const struct weir_packet tagged = { .eth = { .vlan = { 7 } }, .tcp = { .flags = WEIR_ACK } };
static const struct weir_packet xmas = { .tcp = { .flags = WEIR_FIN | WEIR_PSH | WEIR_URG } };

static struct weir_loader *load(enum weir_mode mode)
{
    struct weir_loader_config c = test_config();
    struct weir_policy policy;
    struct weir_loader *l;

    c.drop_events = PER_SECOND;
    l = load_with(&c);
    weir_policy_default(&policy, mode);
    assert_int_equal(weir_loader_policy_write(l, &policy, NULL), 0);
    return l;
}

static void ban(struct weir_loader *l, const char *prefix, enum weir_ban_kind kind)
{
    struct weir_ban_entry entry = { .ban = { .kind = kind } };

    assert_int_equal(weir_prefix_parse(prefix, &entry.prefix), 0);
    assert_int_equal(weir_bans_set(l, &entry, 1, NULL, NULL), 0);
}

/* The one drop record among the events of the newest packet. */
static struct weir_event only_drop(struct weir_loader *l)
{
    struct caught c = { 0 };
    struct weir_event ev = { 0 };
    int n = 0;

    assert_true(weir_events_read(l, catch_event, &c) >= 1);
    for (size_t i = 0; i < c.n; i++) {
        if (c.ev[i].type != WEIR_EVENT_DROP)
            continue;
        ev = c.ev[i];
        n++;
    }
    assert_int_equal(n, 1);
    assert_true(ev.flags & WEIR_EVENT_ENFORCED);
    assert_int_equal(ev.dport, PACKET_SERVER_PORT);
    assert_int_equal(ev.outcome, WEIR_OUTCOME_TCP);
    return ev;
}

static void every_reason(void **state)
{
    static const enum weir_hook hook[] = { WEIR_HOOK_XDP, WEIR_HOOK_TC_INGRESS };
    struct weir_event ev;

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct weir_loader *l = load(WEIR_MODE_ENFORCE);

        assert_true(run_packet(l, hook[i], &xmas));
        ev = only_drop(l);
        assert_int_equal(ev.drop, WEIR_DROP_DETECTION);
        assert_int_equal(ev.detection, WEIR_DET_SCAN_XMAS);
        assert_int_equal(ev.evidence[WEIR_DROP_IP_BYTES], 40);
        ban(l, "192.0.2.0/24", WEIR_BAN_DENY);
        assert_true(run_packet(l, hook[i], &clean)); /* before it is parsed */
        ev = only_drop(l);
        assert_int_equal(ev.drop, WEIR_DROP_DENY);
        assert_int_equal(ev.detection, 0);
        assert_int_equal(ev.tcp_flags, WEIR_ACK);
        ban(l, PACKET_CLIENT4, WEIR_BAN_BAN);
        assert_true(run_packet(l, hook[i], &tagged)); /* behind the parser */
        ev = only_drop(l);
        assert_int_equal(ev.drop, WEIR_DROP_BAN);
        assert_int_equal(ev.vlan[0], 7);
        weir_loader_free(l);
    }
}

static void would_be_drops_are_none(void **state)
{
    struct weir_loader *l = load(WEIR_MODE_OBSERVE);
    struct caught c = { 0 };

    (void)state;
    ban(l, PACKET_CLIENT4, WEIR_BAN_BAN);
    assert_false(run_packet(l, WEIR_HOOK_XDP, &clean));
    assert_false(run_packet(l, WEIR_HOOK_XDP, &xmas));
    assert_true(weir_events_read(l, catch_event, &c) >= 1);
    for (size_t i = 0; i < c.n; i++)
        assert_int_equal(c.ev[i].type, WEIR_EVENT_FINDING);
    assert_int_equal(read_counters(l, WEIR_HOOK_XDP).n[WEIR_COUNTER_WOULD_BAN], 2);
    weir_loader_free(l);
}

static void the_rest_is_counted(void **state)
{
    struct weir_loader *l = load(WEIR_MODE_ENFORCE);
    struct caught c = { 0 };

    (void)state;
    ban(l, PACKET_CLIENT4, WEIR_BAN_BAN);
    for (int i = 0; i < PER_SECOND + 5; i++)
        assert_true(run_packet(l, WEIR_HOOK_XDP, &clean));
    assert_int_equal(weir_events_read(l, catch_event, &c), PER_SECOND);
    assert_int_equal(read_counters(l, WEIR_HOOK_XDP).n[WEIR_COUNTER_LOST_DROP], 5);
    weir_loader_test_clock(l, 1002 * SECOND, 0);
    assert_true(run_packet(l, WEIR_HOOK_XDP, &clean));
    assert_int_equal(only_drop(l).evidence[WEIR_DROP_SUPPRESSED], 5);
    assert_true(run_packet(l, WEIR_HOOK_XDP, &clean));
    assert_int_equal(only_drop(l).evidence[WEIR_DROP_SUPPRESSED], 0);
    weir_loader_free(l);
}

static void off_unless_asked_for(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);
    struct caught c = { 0 };

    (void)state;
    ban(l, PACKET_CLIENT4, WEIR_BAN_BAN);
    assert_true(run_packet(l, WEIR_HOOK_XDP, &clean));
    assert_int_equal(weir_events_read(l, catch_event, &c), 0);
    weir_loader_free(l);
}

/* The switch is paid for by who turns it on, and then stays below the ceiling of load.c. */
static void what_the_verifier_says(void **state)
{
    struct weir_loader *with = load(WEIR_MODE_ENFORCE), *without = load_in_mode(WEIR_MODE_ENFORCE);

    (void)state;
    for (int hook = 0; hook < WEIR_HOOK_MAX; hook++) {
        uint32_t on = weir_loader_verified(with, hook), off = weir_loader_verified(without, hook);

        fprintf(stderr, "hook %d: %u processed without drop records, %u with\n", hook, off, on);
        assert_in_range(on, 1, 400000);
        assert_true(off < on);
    }
    weir_loader_free(with);
    weir_loader_free(without);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reason),           cmocka_unit_test(would_be_drops_are_none),
        cmocka_unit_test(the_rest_is_counted),    cmocka_unit_test(off_unless_asked_for),
        cmocka_unit_test(what_the_verifier_says),
    };
    int r = privileged_or_skip();

    return r ? r : cmocka_run_group_tests(tests, NULL, NULL);
}
