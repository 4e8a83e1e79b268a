/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"
#include "replay/trust.h"

static bool reported(struct weir_trust *t, uint64_t trait)
{
    struct weir_pkt p = { .traits = trait };

    weir_trust_apply(t, &p, true, true);
    return p.traits & (WEIR_TRAIT_IP4_CHECKSUM | WEIR_TRAIT_TCP_CHECKSUM);
}

static void right(struct weir_trust *t, unsigned n)
{
    while (n--)
        assert_false(reported(t, 0));
}

static void twenty_must_be_checked(void **state)
{
    struct weir_trust t = { .mode = WEIR_CHECKSUM_AUTO };

    (void)state;
    right(&t, 18);
    assert_false(reported(&t, WEIR_TRAIT_TCP_CHECKSUM)); /* the 19th */
    assert_true(reported(&t, WEIR_TRAIT_TCP_CHECKSUM));  /* the 20th; 2 of 20 are a tenth */
    assert_int_equal(t.kind[WEIR_CHECKSUM_TCP].withheld, 1);
}

static void more_than_a_tenth_is_not_believed(void **state)
{
    struct weir_trust t = { .mode = WEIR_CHECKSUM_AUTO };

    (void)state;
    right(&t, 27);
    assert_true(reported(&t, WEIR_TRAIT_IP4_CHECKSUM));
    assert_true(reported(&t, WEIR_TRAIT_IP4_CHECKSUM));
    assert_true(reported(&t, WEIR_TRAIT_IP4_CHECKSUM));  /* 3 of 30 */
    assert_false(reported(&t, WEIR_TRAIT_IP4_CHECKSUM)); /* 4 of 31 */
    right(&t, 9);
    assert_false(reported(&t, WEIR_TRAIT_IP4_CHECKSUM)); /* 5 of 41 */
    right(&t, 20);
    assert_true(reported(&t, WEIR_TRAIT_IP4_CHECKSUM)); /* 6 of 62 */
}

/* A capture from before the sender's hardware: neither kind can be believed. */
static void pending_counts_against_both(void **state)
{
    struct weir_trust t = { .mode = WEIR_CHECKSUM_AUTO };

    (void)state;
    right(&t, 30);
    for (int i = 0; i < 10; i++)
        assert_false(reported(&t, WEIR_TRAIT_CHECKSUM_PENDING));
    assert_false(reported(&t, WEIR_TRAIT_IP4_CHECKSUM));
    assert_int_equal(t.kind[WEIR_CHECKSUM_TCP].wrong, 0);
    assert_int_equal(t.kind[WEIR_CHECKSUM_TCP].pending, 10);
}

static void on_and_off(void **state)
{
    struct weir_trust on = { .mode = WEIR_CHECKSUM_ON }, off = { .mode = WEIR_CHECKSUM_OFF };

    (void)state;
    assert_true(reported(&on, WEIR_TRAIT_TCP_CHECKSUM));
    assert_false(reported(&off, WEIR_TRAIT_TCP_CHECKSUM));
    assert_int_equal(off.kind[WEIR_CHECKSUM_TCP].withheld, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twenty_must_be_checked),
        cmocka_unit_test(more_than_a_tenth_is_not_believed),
        cmocka_unit_test(pending_counts_against_both),
        cmocka_unit_test(on_and_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
