/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

#define BIT(row) (1ULL << (WEIR_ROW_##row))

static struct weir_decision decide(__u64 found, __u64 noted, const struct weir_policy *policy)
{
    const struct weir_hits h = { .found = { { found } }, .noted = { { noted } } };
    const struct weir_pkt tcp = { .proto = 6, .ip_version = 4 };
    struct weir_decision d;

    weir_decide(&d, &h, policy, &tcp);
    return d;
}

static void first_bit_of_any_number(void **state)
{
    (void)state;
    for (__u32 i = 0; i < 64; i++) {
        assert_int_equal(weir_first_bit(1ULL << i), i);
        assert_int_equal(weir_first_bit(~0ULL << i), i);
    }
    for (__u32 i = 0; i < 128; i++) {
        struct weir_rows r = { 0 };

        weir_rows_set(&r, i);
        assert_true(weir_rows_has(&r, i));
        assert_int_equal(weir_rows_first(&r), i);
    }
    assert_int_equal(weir_rows_first(&(struct weir_rows){ 0 }), WEIR_ROW_MAX);
}

static void the_most_specific_row_is_the_finding(void **state)
{
    struct weir_policy policy;
    struct weir_decision d;

    (void)state;
    weir_policy_default(&policy, WEIR_MODE_OBSERVE);
    d = decide(BIT(SCAN_FIN) | BIT(INTEGRITY_NO_FLAGS), 0, &policy);
    assert_int_equal(d.row, WEIR_ROW_SCAN_FIN);
    assert_int_equal(d.action, WEIR_ACTION_ALERT);
    assert_int_equal(d.findings.w[0], BIT(SCAN_FIN) | BIT(INTEGRITY_NO_FLAGS));
    policy.finding[0] &= ~BIT(SCAN_FIN);
    assert_int_equal(decide(BIT(SCAN_FIN) | BIT(INTEGRITY_NO_FLAGS), 0, &policy).row,
                     WEIR_ROW_INTEGRITY_NO_FLAGS);
}

static void counted_rows_are_no_finding(void **state)
{
    struct weir_policy policy;
    struct weir_decision d;

    (void)state;
    weir_policy_default(&policy, WEIR_MODE_ENFORCE);
    d = decide(BIT(SCAN_TOOL), BIT(INTEGRITY_TTL), &policy);
    assert_int_equal(d.row, WEIR_ROW_MAX);
    assert_int_equal(d.action, WEIR_ACTION_OFF);
    assert_int_equal(d.counted.w[0], BIT(SCAN_TOOL) | BIT(INTEGRITY_TTL));
    assert_false(d.drop);
    policy.judged[0] = 0;
    assert_int_equal(decide(BIT(SCAN_TOOL), BIT(INTEGRITY_TTL), &policy).counted.w[0], 0);
}

static void observe_computes_and_enforce_acts(void **state)
{
    struct weir_policy policy;
    struct weir_decision d;

    (void)state;
    weir_policy_default(&policy, WEIR_MODE_ENFORCE);
    d = decide(BIT(SCAN_XMAS), 0, &policy);
    assert_true(d.drop && d.enforced && d.action == WEIR_ACTION_DROP);
    policy.mode = WEIR_MODE_OBSERVE;
    d = decide(BIT(SCAN_XMAS), 0, &policy);
    assert_true(d.drop && !d.enforced);
    /* A row that alerts does not shield a row that drops. */
    policy.drop[0] = BIT(INTEGRITY_NO_FLAGS);
    assert_true(decide(BIT(SCAN_XMAS) | BIT(INTEGRITY_NO_FLAGS), 0, &policy).drop);
    assert_false(decide(BIT(SCAN_XMAS), 0, &policy).drop);
}

/* A finding about another protocol is told and not acted on; a packet whose IP header cannot be
 * read may be TCP. */
static void what_may_be_dropped(void **state)
{
    static const struct {
        __u8 proto, ip_version;
        bool drop;
    } packet[] = { { 6, 4, true },  { 6, 6, true },   { 17, 4, false },
                   { 1, 4, false }, { 58, 6, false }, { 0, 0, true } };
    const struct weir_hits h = { .found = { { BIT(INTEGRITY_IP_CHECKSUM) } } };
    struct weir_policy policy;
    struct weir_decision d;

    (void)state;
    weir_policy_default(&policy, WEIR_MODE_ENFORCE);
    for (size_t i = 0; i < sizeof(packet) / sizeof(packet[0]); i++) {
        const struct weir_pkt p = { .proto = packet[i].proto, .ip_version = packet[i].ip_version };

        weir_decide(&d, &h, &policy, &p);
        assert_int_equal(d.row, WEIR_ROW_INTEGRITY_IP_CHECKSUM);
        assert_int_equal(d.drop, packet[i].drop);
        assert_int_equal(d.enforced, packet[i].drop);
    }
}

static void rows_that_are_off_are_not_run(void **state)
{
    struct weir_inspection r;
    struct weir_hits h = { 0 };

    (void)state;
    weir_inspect(&r, PACKET(.tcp = { .flags = WEIR_FIN }));
    weir_detect_stateless(&h, &r.pkt, (struct weir_rows){ { BIT(INTEGRITY_NO_FLAGS) } });
    assert_int_equal(h.found.w[0], BIT(INTEGRITY_NO_FLAGS));
    assert_int_equal(h.evidence.row, WEIR_ROW_INTEGRITY_NO_FLAGS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_bit_of_any_number),
        cmocka_unit_test(the_most_specific_row_is_the_finding),
        cmocka_unit_test(counted_rows_are_no_finding),
        cmocka_unit_test(observe_computes_and_enforce_acts),
        cmocka_unit_test(what_may_be_dropped),
        cmocka_unit_test(rows_that_are_off_are_not_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
