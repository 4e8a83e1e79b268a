/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "events/eve.h"
#include "events/record.h"

#include <stdlib.h>
#include <string.h>

static const struct weir_event good = {
    .abi = WEIR_ABI,
    .len = sizeof(good),
    .type = WEIR_EVENT_FINDING,
    .detection = WEIR_DET_INTEGRITY_LAND,
    .action = WEIR_ACTION_ALERT,
    .ip_version = 4,
};

static void a_record_of_this_build_is_valid(void **state)
{
    struct weir_event ev = good;

    (void)state;
    assert_true(weir_event_valid(&ev, sizeof(ev)));
    ev.type = WEIR_EVENT_COUNTED;
    ev.ip_version = 0;
    ev.vlans = 3;
    ev.flow_id = (1ULL << 53) - 1;
    ev.outcome = WEIR_OUTCOME_MAX - 1;
    ev.also[(WEIR_ROW_MAX - 1) / 64] = 1ULL << (WEIR_ROW_MAX - 1) % 64;
    assert_true(weir_event_valid(&ev, sizeof(ev)));
}

static void a_drop_names_its_reason(void **state)
{
    struct weir_event ev = good;

    (void)state;
    ev.type = WEIR_EVENT_DROP;
    assert_false(weir_event_valid(&ev, sizeof(ev)));
    ev.drop = WEIR_DROP_DETECTION;
    assert_true(weir_event_valid(&ev, sizeof(ev)));
    ev.drop = WEIR_DROP_DENY;
    assert_false(weir_event_valid(&ev, sizeof(ev)));
    ev.detection = 0;
    assert_true(weir_event_valid(&ev, sizeof(ev)));
    ev.drop = WEIR_DROP_DETECTION;
    assert_false(weir_event_valid(&ev, sizeof(ev)));
    ev.drop = WEIR_DROP_REASON_MAX;
    assert_false(weir_event_valid(&ev, sizeof(ev)));
    ev = good;
    ev.drop = WEIR_DROP_BAN;
    assert_false(weir_event_valid(&ev, sizeof(ev)));
}

/* A record that ends anywhere: nothing behind its length is read (the sanitizer looks). */
static void short_records_are_refused(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof(good); len++) {
        struct weir_event *ev = malloc(len ? len : 1);

        assert_non_null(ev);
        memcpy(ev, &good, len);
        assert_false(weir_event_valid(ev, len));
        free(ev);
    }
    assert_false(weir_event_valid(&good, sizeof(good) + 8));
}

#define assert_refused(member, value)                                                              \
    do {                                                                                           \
        struct weir_event ev = good;                                                               \
        ev.member = (value);                                                                       \
        assert_false(weir_event_valid(&ev, sizeof(ev)));                                           \
    } while (0)

static void each_number_has_its_range(void **state)
{
    (void)state;
    assert_refused(abi, WEIR_ABI + 1);
    assert_refused(len, sizeof(good) - 8);
    assert_refused(type, 0);
    assert_refused(type, WEIR_EVENT_COUNTED + 1);
    assert_refused(detection, 0);
    assert_refused(detection, 65535);
    assert_refused(action, WEIR_ACTION_MAX);
    assert_refused(ip_version, 5);
    assert_refused(outcome, WEIR_OUTCOME_MAX);
    assert_refused(vlans, 4);
    assert_refused(tunnel[0], WEIR_TUNNEL_MAX);
    assert_refused(tunnel[1], WEIR_TUNNEL_MAX);
    assert_refused(flow_id, 1ULL << 53);
    assert_refused(also[WEIR_ROW_MAX / 64 & 1], 1ULL << WEIR_ROW_MAX % 64);
    assert_refused(also[1], 1ULL << 63);
}

static void the_other_findings_come_in_order(void **state)
{
    struct weir_event ev = { .also = { 1 } };
    unsigned row = 0;

    (void)state;
    ev.also[(WEIR_ROW_MAX - 1) / 64] |= 1ULL << (WEIR_ROW_MAX - 1) % 64;
    assert_string_equal(weir_also_next(&ev, &row), weir_detection_by_row(0)->name);
    assert_string_equal(weir_also_next(&ev, &row), weir_detection_by_row(WEIR_ROW_MAX - 1)->name);
    assert_null(weir_also_next(&ev, &row));
    assert_null(weir_also_next(&ev, &row));
    ev.also[0] = ev.also[1] = UINT64_MAX;
    row = 0;
    for (unsigned i = 0; i < WEIR_ROW_MAX; i++)
        assert_non_null(weir_also_next(&ev, &row));
    assert_null(weir_also_next(&ev, &row));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_of_this_build_is_valid),
        cmocka_unit_test(a_drop_names_its_reason),
        cmocka_unit_test(short_records_are_refused),
        cmocka_unit_test(each_number_has_its_range),
        cmocka_unit_test(the_other_findings_come_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
