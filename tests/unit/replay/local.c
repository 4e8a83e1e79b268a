/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"
#include "replay/local.h"

#include <string.h>

static void survey(struct weir_local_survey *s, const char *src, const char *dst, uint8_t flags)
{
    struct weir_pkt p = { .ip_version = 4, .tcp_flags = flags, .outcome = WEIR_OUTCOME_TCP };

    assert_int_equal(weir_addr_parse(src, p.src), 0);
    assert_int_equal(weir_addr_parse(dst, p.dst), 0);
    weir_local_survey_packet(s, &p);
}

static bool egress(const struct weir_local *l, const char *src, const char *dst)
{
    struct weir_pkt p = { .ip_version = 4 };

    assert_int_equal(weir_addr_parse(src, p.src), 0);
    assert_int_equal(weir_addr_parse(dst, p.dst), 0);
    return weir_local_is_egress(l, &p);
}

static void given(void **state)
{
    struct weir_local l = { 0 };
    struct weir_error e = { 0 };

    (void)state;
    assert_int_equal(weir_local_add(&l, "192.0.2.0/24", &e), 0);
    assert_int_equal(weir_local_add(&l, "2001:db8::/32", &e), 0);
    assert_true(egress(&l, "192.0.2.9", "198.51.100.1"));
    assert_false(egress(&l, "198.51.100.1", "192.0.2.9"));
    assert_false(egress(&l, "192.0.2.9", "192.0.2.8")); /* both: ingress */
    assert_false(egress(&l, "198.51.100.1", "203.0.113.1"));
    assert_true(egress(&l, "2001:db8:5::1", "2001:db9::1"));
    assert_true(weir_local_add(&l, "192.0.2.1/24", &e) < 0);
    assert_non_null(strstr(e.text, "192.0.2.1/24"));
}

static void private_addresses_win(void **state)
{
    struct weir_local_survey *s;
    struct weir_local l = { 0 };

    (void)state;
    assert_int_equal(weir_local_survey_new(&s), 0);
    for (int i = 0; i < 50; i++)
        survey(s, "198.51.100.1", "203.0.113.1", WEIR_SYN);
    survey(s, "10.1.2.3", "203.0.113.1", WEIR_SYN);
    weir_local_decide(&l, s);
    assert_int_equal(l.origin, WEIR_LOCAL_PRIVATE);
    assert_true(egress(&l, "172.31.255.255", "203.0.113.1"));
    assert_false(egress(&l, "172.32.0.1", "203.0.113.1"));
    weir_local_survey_free(s);
}

static void else_the_most_contacted(void **state)
{
    struct weir_local_survey *s;
    struct weir_local l = { 0 };

    (void)state;
    assert_int_equal(weir_local_survey_new(&s), 0);
    for (int i = 0; i < 100; i++)
        survey(s, "203.0.113.1", "198.51.100.1", WEIR_ACK); /* many packets, no connection */
    survey(s, "198.51.100.1", "203.0.113.1", WEIR_SYN);
    survey(s, "198.51.100.2", "203.0.113.1", WEIR_SYN);
    weir_local_decide(&l, s);
    assert_int_equal(l.origin, WEIR_LOCAL_CONTACTED);
    assert_true(egress(&l, "203.0.113.1", "198.51.100.1"));
    weir_local_survey_free(s);
}

static void nothing_seen(void **state)
{
    struct weir_local_survey *s;
    struct weir_local l = { 0 };

    (void)state;
    assert_int_equal(weir_local_survey_new(&s), 0);
    weir_local_decide(&l, s);
    assert_int_equal(l.origin, WEIR_LOCAL_NONE);
    assert_false(egress(&l, "203.0.113.1", "198.51.100.1"));
    weir_local_survey_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(given),
        cmocka_unit_test(private_addresses_win),
        cmocka_unit_test(else_the_most_contacted),
        cmocka_unit_test(nothing_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
