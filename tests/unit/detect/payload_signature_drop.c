/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include "dataplane/detect.h"

static void by_action(void **state)
{
    struct weir_track t = { .facts = WEIR_FACT_SIGNATURE_DROP, .signature = { 3, 40 } };
    struct weir_pkt p = { 0 };
    struct weir_evidence e;

    (void)state;
    assert_int_equal(weir_detect_payload_signature_drop(&p, &t, &e), WEIR_HIT);
    assert_int_equal(e.v[0], 3);
    assert_int_equal(e.v[1], 40);
    t.facts = WEIR_FACT_SIGNATURE_ALERT;
    assert_int_equal(weir_detect_payload_signature_drop(&p, &t, &e), WEIR_MISS);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(by_action) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
