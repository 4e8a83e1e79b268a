/* SPDX-License-Identifier: Apache-2.0 */

/* What a host says of a packet, as a block of pcapng: events/evidence_note.h. */

#include "harness/run.h"

#include <string.h>

#include "abi/counters.h"
#include "abi/event.h"
#include "events/evidence_note.h"

static struct weir_packet_note note(uint8_t flags)
{
    return (struct weir_packet_note){ .source = 3,
                                      .wire = 100,
                                      .cap = 60,
                                      .detection = WEIR_DET_SCAN_XMAS,
                                      .link = WEIR_LINK_ETHERNET,
                                      .action = WEIR_ACTION_DROP,
                                      .flags = flags,
                                      .hook = WEIR_HOOK_XDP };
}

static void comments_say_what_was_done(void **state)
{
    char text[WEIR_PACKET_TEXT];
    struct weir_packet_note n = note(WEIR_PACKET_DROPPED);

    (void)state;
    assert_string_equal(weir_packet_comment(&n, text),
                        "weir: scan.xmas, action drop: dropped (ingress)");
    n.flags = WEIR_PACKET_WOULD_DROP;
    assert_string_equal(weir_packet_comment(&n, text),
                        "weir: scan.xmas, action drop: passed, enforce mode would drop it "
                        "(ingress)");
    n.detection = 0;
    n.flags = WEIR_PACKET_DROPPED;
    n.drop = WEIR_DROP_BAN;
    assert_string_equal(weir_packet_comment(&n, text), "weir: dropped, source banned (ingress)");
    n.flags = WEIR_PACKET_EGRESS;
    assert_string_equal(weir_packet_comment(&n, text), "weir: passed (egress)");
}

static void verdicts_are_the_programs(void **state)
{
    static const struct {
        uint8_t hook, flags;
        uint64_t verdict;
    } want[] = {
        { WEIR_HOOK_XDP, 0, 2 },
        { WEIR_HOOK_XDP, WEIR_PACKET_DROPPED, 1 },
        { WEIR_HOOK_TC_INGRESS, 0, UINT64_MAX },
        { WEIR_HOOK_TC_EGRESS, WEIR_PACKET_DROPPED, 2 },
    };
    uint8_t bytes[60] = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        struct weir_evidence_scratch s;
        struct weir_evidence_packet p;
        struct weir_packet_note n = note(want[i].flags);

        n.hook = want[i].hook;
        weir_evidence_packet_make(&p, &n, bytes, true, &s);
        assert_int_equal(p.verdict, want[i].verdict);
        assert_int_equal(p.hook, n.hook == WEIR_HOOK_XDP ? WEIR_EVIDENCE_XDP : WEIR_EVIDENCE_TC);
        assert_ptr_equal(p.data, bytes);
        weir_evidence_scratch_free(&s);
    }
}

static void a_tag_comes_back_into_the_frame(void **state)
{
    struct weir_packet_note n = note(0);
    struct weir_evidence_scratch s;
    struct weir_evidence_packet p;
    uint8_t bytes[60];

    (void)state;
    for (uint8_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = i;
    n.vlan = 7;
    weir_evidence_packet_make(&p, &n, bytes, true, &s);
    assert_int_equal(p.cap, 64);
    assert_int_equal(p.wire, 104);
    assert_memory_equal(p.data, bytes, 12);
    assert_memory_equal(p.data + 12, "\x81\x00\x00\x07", 4);
    assert_memory_equal(p.data + 16, bytes + 12, 48);
    weir_evidence_scratch_free(&s);
    n.cap = 11; /* cut within the addresses */
    weir_evidence_packet_make(&p, &n, bytes, true, &s);
    assert_int_equal(p.cap, 11);
    weir_evidence_scratch_free(&s);
}

static void heads_of_nothing_in_particular_have_no_comment(void **state)
{
    struct weir_packet_note n = note(0);
    struct weir_evidence_scratch s;
    struct weir_evidence_packet p;
    uint8_t bytes[60] = { 0 };

    (void)state;
    weir_evidence_packet_make(&p, &n, bytes, false, &s);
    assert_non_null(p.comment);
    n.detection = 0;
    weir_evidence_packet_make(&p, &n, bytes, false, &s);
    assert_null(p.comment);
    n.flags = WEIR_PACKET_DROPPED;
    weir_evidence_packet_make(&p, &n, bytes, false, &s);
    assert_non_null(p.comment);
}

static void records_are_checked(void **state)
{
    const struct weir_packet_event good = {
        .abi = WEIR_ABI, .len = sizeof(good), .type = WEIR_EVENT_PACKET, .note = note(0)
    };
    struct weir_packet_event ev = good;
    size_t len = sizeof(ev) + ev.note.cap;

    (void)state;
    assert_true(weir_packet_event_valid(&ev, len));
    assert_true(weir_packet_event_valid(&ev, len + 100)); /* room that was not needed */
    assert_false(weir_packet_event_valid(&ev, len - 1));
    assert_false(weir_packet_event_valid(&ev, 0));
#define BAD(field, value)                                                                          \
    ev = good;                                                                                     \
    ev.field = (value);                                                                            \
    assert_false(weir_packet_event_valid(&ev, len))
    BAD(abi, WEIR_ABI + 1);
    BAD(type, WEIR_EVENT_FINDING);
    BAD(watch, WEIR_WATCHES);
    BAD(note.cap, 0);
    BAD(note.cap, UINT32_MAX);
    BAD(note.wire, 59);
    BAD(note.hook, WEIR_HOOK_MAX);
    BAD(note.action, WEIR_ACTION_MAX);
    BAD(note.drop, WEIR_DROP_REASON_MAX);
    BAD(note.detection, 9999);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comments_say_what_was_done),
        cmocka_unit_test(verdicts_are_the_programs),
        cmocka_unit_test(a_tag_comes_back_into_the_frame),
        cmocka_unit_test(heads_of_nothing_in_particular_have_no_comment),
        cmocka_unit_test(records_are_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
