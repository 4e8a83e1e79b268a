/* SPDX-License-Identifier: Apache-2.0 */

/* What the kernel host does about a packet in a packet, beside parsing it: verdicts by either
 * source, counters, events. */

#include "prog/host.h"

static const enum weir_hook hooks[] = { WEIR_HOOK_XDP, WEIR_HOOK_TC_INGRESS, WEIR_HOOK_TC_EGRESS };

#define INGRESS 2 /* of them */

#define VXLAN(...)                                                                                 \
    PACKET(.ip4 = { .src = "203.0.113.1" }, .l4 = L4_UDP, .udp = { .dport = 4789 },                \
           .payload = BYTES(BE32(0x08000000), BE32(42 << 8)), .inside_frame = PACKET(__VA_ARGS__))

static const struct weir_packet *const clean = VXLAN(.payload_bytes = 9);
static const struct weir_packet *const null_scan = VXLAN(.tcp = { .flags = NO_FLAGS });

/* Dropped at both ingress hooks, or passed at both. */
static bool dropped(struct weir_loader *l, const struct weir_packet *p)
{
    bool xdp = run_packet(l, WEIR_HOOK_XDP, p);

    assert_int_equal(run_packet(l, WEIR_HOOK_TC_INGRESS, p), xdp);
    return xdp;
}

static void ban(struct weir_loader *l, const char *addr, bool on)
{
    struct weir_ban_entry e = { .ban = { .kind = WEIR_BAN_BAN } };

    assert_int_equal(weir_prefix_parse(addr, &e.prefix), 0);
    if (on)
        assert_int_equal(weir_bans_set(l, &e, 1, NULL, NULL), 0);
    else
        assert_int_equal(weir_bans_remove(l, &e.prefix), 0);
}

static void allow(struct weir_loader *l, const char *addr)
{
    struct weir_prefix p;

    assert_int_equal(weir_prefix_parse(addr, &p), 0);
    assert_int_equal(weir_allow_set(l, &p, 1, NULL), 0);
}

static void what_is_inside_is_dropped(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);

    (void)state;
    assert_true(dropped(l, null_scan));
    assert_false(dropped(l, clean));
    for (size_t i = 0; i < INGRESS; i++) {
        struct weir_counters c = read_counters(l, hooks[i]);

        assert_int_equal(c.n[WEIR_COUNTER_INSIDE_VXLAN], 2);
        assert_int_equal(c.outcome[WEIR_OUTCOME_TCP], 2);
        assert_int_equal(c.outcome[WEIR_OUTCOME_VXLAN], 0);
        assert_int_equal(c.n[WEIR_COUNTER_DROP_DETECTION], 1);
    }
    weir_loader_free(l);
}

/* A fault outside is a finding of its own, about the sender outside. It never drops. */
static void outside_is_judged_on_the_way(void **state)
{
    const struct weir_packet *p =
        PACKET(.ip4 = { .src = "203.0.113.1", .options = OPTIONS(LSRR) }, .l4 = L4_OTHER,
               .proto = 4, .inside = PACKET(.tcp = { .flags = NO_FLAGS }));
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);
    struct caught c = { 0 };

    (void)state;
    assert_true(run_packet(l, WEIR_HOOK_XDP, p));
    assert_int_equal(weir_events_read(l, catch_event, &c), 2);
    for (size_t i = 0; i < c.n; i++) {
        bool inside = c.ev[i].detection == WEIR_DET_SCAN_NULL;

        assert_int_equal(c.ev[i].detection,
                         inside ? WEIR_DET_SCAN_NULL : WEIR_DET_INTEGRITY_SOURCE_ROUTE);
        assert_int_equal(c.ev[i].src[12], inside ? 192 : 203);
        assert_int_equal(c.ev[i].tunnel[0], inside ? WEIR_TUNNEL_IP_IN_IP : WEIR_TUNNEL_NONE);
        assert_int_equal(c.ev[i].outer_src[12], inside ? 203 : 0);
        assert_int_equal(c.ev[i].tunnel_depth, inside);
    }
    assert_false(run_packet(l, WEIR_HOOK_XDP,
                            PACKET(.ip4 = { .options = OPTIONS(LSRR) }, .l4 = L4_OTHER, .proto = 4,
                                   .inside = PACKET())));
    assert_int_equal(read_counters(l, WEIR_HOOK_XDP).n[WEIR_COUNTER_DROP_DETECTION], 1);
    weir_loader_free(l);
}

static void bans_hold_inside_and_outside(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);

    (void)state;
    ban(l, PACKET_CLIENT4, true);
    assert_true(dropped(l, clean));
    ban(l, PACKET_CLIENT4, false);
    assert_false(dropped(l, clean));
    ban(l, "203.0.113.1", true);
    assert_true(dropped(l, clean));
    assert_int_equal(read_counters(l, WEIR_HOOK_XDP).n[WEIR_COUNTER_DROP_BAN], 2);
    weir_loader_free(l);
}

static void both_banned_count_once(void **state)
{
    const struct weir_packet *tagged =
        PACKET(.eth = { .vlan = { 7 } }, .ip4 = { .src = "203.0.113.1" }, .l4 = L4_OTHER,
               .proto = 4, .inside = PACKET());
    struct weir_loader *l = load_in_mode(WEIR_MODE_OBSERVE);

    (void)state;
    ban(l, PACKET_CLIENT4, true);
    ban(l, "203.0.113.1", true);
    assert_false(dropped(l, clean));
    assert_false(dropped(l, tagged));
    for (size_t i = 0; i < INGRESS; i++)
        assert_int_equal(read_counters(l, hooks[i]).n[WEIR_COUNTER_WOULD_BAN], 2);
    weir_loader_free(l);
}

static void an_allowed_outside_spares(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);

    (void)state;
    ban(l, PACKET_CLIENT4, true);
    allow(l, "203.0.113.1");
    assert_false(dropped(l, clean));
    assert_false(dropped(l, null_scan));
    assert_int_equal(read_counters(l, WEIR_HOOK_XDP).n[WEIR_COUNTER_SPARED], 1);
    weir_loader_free(l);
}

static void egress_looks_inside_too(void **state)
{
    struct weir_loader_config c = test_config();
    struct weir_policy policy;
    struct weir_loader *l;

    (void)state;
    memset(c.judged_egress, 0xff, sizeof(c.judged_egress));
    l = load_with(&c);
    weir_policy_default(&policy, WEIR_MODE_ENFORCE);
    assert_int_equal(weir_loader_policy_write(l, &policy, NULL), 0);
    ban(l, PACKET_CLIENT4, true);
    assert_false(run_packet(l, WEIR_HOOK_TC_EGRESS, clean)); /* bans are about who sends to us */
    assert_false(run_packet(l, WEIR_HOOK_TC_EGRESS, null_scan)); /* nor is what we send dropped */
    assert_int_equal(read_counters(l, WEIR_HOOK_TC_EGRESS).found[WEIR_ROW_SCAN_NULL], 1);
    weir_loader_free(l);
}

static void switched_off(void **state)
{
    struct weir_loader_config c = test_config();
    struct weir_policy policy;
    struct weir_loader *l;

    (void)state;
    c.tunnels_off = true;
    l = load_with(&c);
    weir_policy_default(&policy, WEIR_MODE_ENFORCE);
    assert_int_equal(weir_loader_policy_write(l, &policy, NULL), 0);
    assert_false(dropped(l, null_scan));
    assert_int_equal(read_counters(l, WEIR_HOOK_XDP).outcome[WEIR_OUTCOME_VXLAN], 1);
    assert_int_equal(read_counters(l, WEIR_HOOK_XDP).n[WEIR_COUNTER_INSIDE_VXLAN], 0);
    weir_loader_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_inside_is_dropped),
        cmocka_unit_test(outside_is_judged_on_the_way),
        cmocka_unit_test(bans_hold_inside_and_outside),
        cmocka_unit_test(both_banned_count_once),
        cmocka_unit_test(an_allowed_outside_spares),
        cmocka_unit_test(egress_looks_inside_too),
        cmocka_unit_test(switched_off),
    };
    int r = privileged_or_skip();

    return r ? r : cmocka_run_group_tests(tests, NULL, NULL);
}
