/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

#define NONE                                                                                       \
    (struct weir_rows)                                                                             \
    {                                                                                              \
        0                                                                                          \
    }
#define ROW(name) both(WEIR_ROW_##name, WEIR_ROW_##name)
#define ROWS(a, b) both(WEIR_ROW_##a, WEIR_ROW_##b)

static struct weir_rows both(__u32 a, __u32 b)
{
    struct weir_rows r = { 0 };

    weir_rows_set(&r, a);
    weir_rows_set(&r, b);
    return r;
}

static bool equal(const struct weir_rows *a, struct weir_rows b)
{
    return a->w[0] == b.w[0] && a->w[1] == b.w[1];
}

/* Take rows out of a set of the policy. */
static void without(__u64 set[2], struct weir_rows r)
{
    set[0] &= ~r.w[0];
    set[1] &= ~r.w[1];
}

static struct weir_decision decide(struct weir_rows found, struct weir_rows noted,
                                   const struct weir_policy *policy)
{
    const struct weir_hits h = { .found = found, .noted = noted };
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
    d = decide(ROWS(SCAN_FIN, INTEGRITY_NO_FLAGS), NONE, &policy);
    assert_int_equal(d.row, WEIR_ROW_SCAN_FIN);
    assert_int_equal(d.action, WEIR_ACTION_ALERT);
    assert_true(equal(&d.findings, ROWS(SCAN_FIN, INTEGRITY_NO_FLAGS)));
    without(policy.finding, ROW(SCAN_FIN));
    assert_int_equal(decide(ROWS(SCAN_FIN, INTEGRITY_NO_FLAGS), NONE, &policy).row,
                     WEIR_ROW_INTEGRITY_NO_FLAGS);
}

static void counted_rows_are_no_finding(void **state)
{
    struct weir_policy policy;
    struct weir_decision d;

    (void)state;
    weir_policy_default(&policy, WEIR_MODE_ENFORCE);
    d = decide(ROW(SCAN_TOOL), ROW(INTEGRITY_TTL), &policy);
    assert_int_equal(d.row, WEIR_ROW_MAX);
    assert_int_equal(d.action, WEIR_ACTION_OFF);
    assert_true(equal(&d.counted, ROWS(SCAN_TOOL, INTEGRITY_TTL)));
    assert_false(d.drop);
    without(policy.judged, ROWS(SCAN_TOOL, INTEGRITY_TTL));
    d = decide(ROW(SCAN_TOOL), ROW(INTEGRITY_TTL), &policy);
    assert_true(equal(&d.counted, NONE));
}

static void observe_computes_and_enforce_acts(void **state)
{
    struct weir_policy policy;
    struct weir_decision d;

    (void)state;
    weir_policy_default(&policy, WEIR_MODE_ENFORCE);
    d = decide(ROW(SCAN_XMAS), NONE, &policy);
    assert_true(d.drop && d.enforced && d.action == WEIR_ACTION_DROP);
    policy.mode = WEIR_MODE_OBSERVE;
    d = decide(ROW(SCAN_XMAS), NONE, &policy);
    assert_true(d.drop && !d.enforced);
    /* A row that alerts does not shield a row that drops. */
    without(policy.drop, ROW(SCAN_XMAS));
    assert_true(decide(ROWS(SCAN_XMAS, INTEGRITY_NO_FLAGS), NONE, &policy).drop);
    assert_false(decide(ROW(SCAN_XMAS), NONE, &policy).drop);
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
    const struct weir_hits h = { .found = ROW(INTEGRITY_IP_CHECKSUM) };
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
    struct weir_hits h;

    (void)state;
    weir_inspect(&r, PACKET(.tcp = { .flags = WEIR_FIN }));
    weir_hits_begin(&h);
    weir_detect_stateless(&h, &r.pkt, ROW(INTEGRITY_NO_FLAGS));
    assert_true(equal(&h.found, ROW(INTEGRITY_NO_FLAGS)));
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
