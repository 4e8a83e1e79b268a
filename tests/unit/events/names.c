/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "events/names.h"
#include "events/record.h"

#include <string.h>

static void every_row_is_found_by_all_its_names(void **state)
{
    (void)state;
    for (unsigned row = 0; row < WEIR_ROW_MAX; row++) {
        const struct weir_detection_info *info = weir_detection_by_row(row);

        assert_non_null(info);
        assert_int_equal(info->row, row);
        assert_in_range(info->id, 1, WEIR_DETECTION_IDS - 1);
        assert_ptr_equal(weir_detection_by_id(info->id), info);
        assert_ptr_equal(weir_detection_by_name(info->name), info);
        assert_memory_equal(info->name, info->category, strlen(info->category));
        assert_int_equal(info->name[strlen(info->category)], '.');
        assert_string_not_equal(weir_severity_name(info->severity), "unknown");
        assert_true(info->observe < WEIR_ACTION_MAX && info->enforce < WEIR_ACTION_MAX);
    }
}

static void columns_arrive_where_they_belong(void **state)
{
    const struct weir_detection_info *info = weir_detection_by_name("integrity.ip_length");

    (void)state;
    assert_non_null(info);
    assert_int_equal(info->id, WEIR_DET_INTEGRITY_IP_LENGTH);
    assert_int_equal(info->row, WEIR_ROW_INTEGRITY_IP_LENGTH);
    assert_string_equal(info->category, "integrity");
    assert_int_equal(info->severity, WEIR_SEVERITY_MED);
    assert_int_equal(info->observe, WEIR_ACTION_ALERT);
    assert_int_equal(info->enforce, WEIR_ACTION_DROP);
    assert_string_equal(info->since, "0.1");
    assert_string_equal(info->evidence, "header_bytes,total_bytes,frame_bytes");
}

static void what_is_not_there_is_not_found(void **state)
{
    (void)state;
    assert_null(weir_detection_by_row(WEIR_ROW_MAX));
    assert_null(weir_detection_by_id(0));
    assert_null(weir_detection_by_id(WEIR_DETECTION_IDS));
    assert_null(weir_detection_by_id(65535));
    assert_null(weir_detection_by_name(""));
    assert_null(weir_detection_by_name("integrity"));
    assert_null(weir_detection_by_name("integrity.land "));
}

/* Evidence names become JSON keys: plain, short enough for their buffer, as many as values. */
static void evidence_names_fit(void **state)
{
    (void)state;
    for (unsigned row = 0; row < WEIR_ROW_MAX; row++) {
        const char *list = weir_detection_by_row(row)->evidence;
        size_t total = strlen(list), names = 0, seen = 0;
        char name[WEIR_EVIDENCE_NAME];

        while (weir_evidence_next(&list, name)) {
            assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(name));
            assert_string_not_equal(name, "also");
            seen += strlen(name) + (names++ > 0);
        }
        assert_int_equal(seen, total);
        assert_in_range(names, 0, WEIR_EVIDENCE_MAX);
    }
}

static void numbers_have_names(void **state)
{
    (void)state;
    assert_string_equal(weir_severity_name(WEIR_SEVERITY_HIGH), "high");
    assert_string_equal(weir_severity_name(WEIR_SEVERITY_INFO), "info");
    assert_string_equal(weir_severity_name(0), "unknown");
    assert_string_equal(weir_severity_name(WEIR_SEVERITY_MAX), "unknown");
    assert_string_equal(weir_action_name(WEIR_ACTION_OFF), "off");
    assert_string_equal(weir_action_name(WEIR_ACTION_BAN), "ban");
    assert_string_equal(weir_action_name(WEIR_ACTION_MAX), "unknown");
    assert_string_equal(weir_outcome_name(WEIR_OUTCOME_TCP), "tcp");
    assert_string_equal(weir_outcome_name(WEIR_OUTCOME_MAX), "unknown");
    assert_string_equal(weir_tunnel_name(WEIR_TUNNEL_GRE), "gre");
    assert_string_equal(weir_tunnel_name(WEIR_TUNNEL_PPPOE), "pppoe");
    assert_string_equal(weir_tunnel_name(WEIR_TUNNEL_NONE), "unknown");
    assert_string_equal(weir_tunnel_name(WEIR_TUNNEL_MAX), "unknown");
    assert_int_equal(weir_outcome_kind(WEIR_OUTCOME_TCP), WEIR_OUTCOME_INSPECTED);
    assert_int_equal(weir_outcome_kind(WEIR_OUTCOME_ARP), WEIR_OUTCOME_PASSED);
    assert_int_equal(weir_outcome_kind(WEIR_OUTCOME_SHORT_LINK), WEIR_OUTCOME_BROKEN);
    assert_int_equal(weir_outcome_kind(WEIR_OUTCOME_MAX), WEIR_OUTCOME_BROKEN);
}

static void protocols_are_named_as_suricata_does(void **state)
{
    char text[WEIR_PROTO_TEXT];

    (void)state;
    assert_string_equal(weir_proto_name(6, text), "TCP");
    assert_string_equal(weir_proto_name(17, text), "UDP");
    assert_string_equal(weir_proto_name(1, text), "ICMP");
    assert_string_equal(weir_proto_name(58, text), "IPv6-ICMP");
    assert_string_equal(weir_proto_name(9, text), "9");
    assert_string_equal(weir_proto_name(255, text), "255");
}

static void flags_are_letters(void **state)
{
    char text[WEIR_TCP_LETTERS];

    (void)state;
    assert_string_equal(weir_tcp_letters(0, text), "");
    assert_string_equal(weir_tcp_letters(0x12, text), "SA");
    assert_string_equal(weir_tcp_letters(0xff, text), "FSRPAUEC");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_found_by_all_its_names),
        cmocka_unit_test(columns_arrive_where_they_belong),
        cmocka_unit_test(what_is_not_there_is_not_found),
        cmocka_unit_test(evidence_names_fit),
        cmocka_unit_test(numbers_have_names),
        cmocka_unit_test(protocols_are_named_as_suricata_does),
        cmocka_unit_test(flags_are_letters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
