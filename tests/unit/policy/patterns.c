/* SPDX-License-Identifier: Apache-2.0 */

/* payload.patterns: what a policy says is what the automata find, with its signature. */

#include "harness/policy.h"

#include "dataplane/signature.h"
#include "policy/patterns.h"

static const char policy[] = "payload:\n"
                             "  patterns:\n"
                             "  - {name: a, text: needle}\n"
                             "  - {name: b, bytes: \"00 ff4E\", ports: [80, 8080], action: drop}\n"
                             "  - {name: c, text: NeedLe, ignore_case: yes, action: count,\n"
                             "     direction: to_client}\n";

/* All signatures that text holds, as sent by side to or from port: "NUMBER:END " each. */
static void found(const struct weir_patterns_image *image, const char *text, size_t len,
                  uint8_t side, uint16_t port, struct weir_track *t)
{
    *t = (struct weir_track){ .side = side };
    for (unsigned lane = 0; lane < WEIR_LANES; lane++) {
        const struct weir_automaton_image *i = &image->lane[lane];
        const struct weir_automaton_view v = { i->automaton,
                                               (__u32)((i->bytes - sizeof(*v.a)) / 4) };
        struct weir_scan scan = { .end = (__u32)len };
        enum weir_scan_stop stop;

        do {
            stop = weir_scan_turn(&v, &scan, (const __u8 *)text, ~0U);
            if (stop == WEIR_SCAN_MATCH)
                weir_signature_all(&v, scan.carry.state, t, port, scan.at);
        } while (stop != WEIR_SCAN_END);
    }
}

static void found_by_port_and_direction(void **state)
{
    struct weir_patterns_image image = { 0 };
    struct weir_settings *s = policy_good(policy, NULL);
    struct weir_track t;

    (void)state;
    assert_int_equal(weir_patterns_build(s, 7, &image, NULL), 0);
    assert_int_equal(image.lane[WEIR_LANE_EXACT].automaton->patterns, 2);
    found(&image, "a needle", 8, WEIR_SIDE_CLIENT, 99, &t);
    assert_int_equal(t.facts, WEIR_FACT_SIGNATURE_ALERT);
    assert_int_equal(t.signature[0], 1);
    assert_int_equal(t.signature[1], 8);
    found(&image, "a NEEDLE", 8, WEIR_SIDE_CLIENT, 99, &t);
    assert_int_equal(t.facts, 0);
    found(&image, "a NEEDLE", 8, WEIR_SIDE_SERVER, 99, &t);
    assert_int_equal(t.facts, WEIR_FACT_SIGNATURE_COUNT);
    assert_int_equal(t.signature[0], 3);
    found(&image, "needle\0\xffN", 9, WEIR_SIDE_SERVER, 8080, &t);
    assert_int_equal(t.facts, WEIR_FACTS_SIGNATURE);
    assert_int_equal(t.signature[0], 2); /* the strongest */
    assert_int_equal(t.signature[1], 9);
    found(&image, "\0\xffN", 3, WEIR_SIDE_SERVER, 81, &t);
    assert_int_equal(t.facts, 0);
    weir_patterns_image_free(&image);
    weir_settings_free(s);
}

static void damaged_blocks_lead_nowhere(void **state)
{
    struct weir_patterns_image image = { 0 };
    struct weir_settings *s = policy_good(policy, NULL);
    struct weir_automaton *a;
    struct weir_automaton_view v;

    (void)state;
    assert_int_equal(weir_patterns_build(s, 7, &image, NULL), 0);
    a = image.lane[WEIR_LANE_EXACT].automaton;
    v = (struct weir_automaton_view){ a, (__u32)((image.lane[0].bytes - sizeof(*a)) / 4) };
    assert_non_null(weir_signature_at(&v, 1));
    assert_null(weir_signature_at(&v, 2));
    a->patterns = ~0U;
    assert_null(weir_signature_at(&v, 2));
    assert_null(weir_signature_at(&v, ~0U / WEIR_SIGNATURE_WORDS + 5));
    weir_patterns_image_free(&image);
    weir_settings_free(s);
}

static void none_is_none(void **state)
{
    struct weir_patterns_image image = { 0 };
    struct weir_settings *s = policy_good("payload: {patterns: []}", NULL);

    (void)state;
    assert_int_equal(weir_patterns_build(s, 1, &image, NULL), 0);
    assert_null(image.lane[0].automaton);
    assert_null(image.lane[1].automaton);
    weir_settings_free(s);
}

static void faults_are_named(void **state)
{
    static const struct {
        const char *policy, *fault;
    } bad[] = {
        { "payload: {patterns: [{name: a}]}",
          "p:1:22: payload.patterns[0]: neither text nor bytes; expected one of text and bytes" },
        { "payload: {patterns: [{name: a, text: x, bytes: 00}]}", "text and bytes; expected" },
        { "payload: {patterns: [{name: a, bytes: 0}]}", "pairs of hexadecimal digits" },
        { "payload: {patterns: [{name: a, bytes: \"0g\"}]}", "0g: expected 1 to 255 pairs" },
        { "payload: {patterns: [{name: a, text: x}, {name: a, text: y}]}",
          "payload.patterns[1].name: a: is the name of payload.patterns[0] on line 1" },
        { "payload: {patterns: [{name: a, text: x, action: ban}]}",
          "expected count, alert or drop" },
        { "payload: {patterns: [{name: a, text: x, ports: [0]}]}", "from 1 to 65535" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct weir_settings *s;
        char text[8192];

        assert_int_equal(policy_read(bad[i].policy, NULL, &s, text), -EBADMSG);
        if (!strstr(text, bad[i].fault))
            fail_msg("%s: %s; expected %s", bad[i].policy, text, bad[i].fault);
    }
}

static void events_get_the_name(void **state)
{
    struct weir_settings *s = policy_good(policy, NULL);
    struct weir_event ev = { .detection = WEIR_DET_PAYLOAD_SIGNATURE };

    (void)state;
    assert_null(weir_pattern_name(s, &ev)); /* a last event has no evidence */
    ev.evidence[0] = 1;
    assert_string_equal(weir_pattern_name(s, &ev), "a");
    ev.evidence[0] = 3;
    assert_string_equal(weir_pattern_name(s, &ev), "c");
    ev.evidence[0] = 4;
    assert_null(weir_pattern_name(s, &ev));
    ev.detection = WEIR_DET_SCAN_XMAS;
    ev.evidence[0] = 1;
    assert_null(weir_pattern_name(s, &ev));
    weir_settings_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found_by_port_and_direction),
        cmocka_unit_test(damaged_blocks_lead_nowhere),
        cmocka_unit_test(none_is_none),
        cmocka_unit_test(faults_are_named),
        cmocka_unit_test(events_get_the_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
