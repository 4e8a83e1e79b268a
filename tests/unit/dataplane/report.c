/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static struct weir_event event_of(const struct weir_packet *p, enum weir_mode mode)
{
    struct weir_event ev = { 0 };
    struct weir_inspection r;
    struct weir_policy policy;
    struct weir_decision d;

    weir_inspect(&r, p);
    weir_policy_default(&policy, mode);
    weir_decide(&d, &r.hits, &policy, &r.pkt);
    weir_event_packet(&ev, &r.pkt, 77);
    if (d.row < WEIR_ROW_MAX)
        weir_event_finding(&ev, &d, &r.hits);
    return ev;
}

static void head_and_packet(void **state)
{
    struct weir_event ev =
        event_of(PACKET(.eth = { .vlan = { 5, 6 } }, .ip4 = { .ttl = 9, .id = 4711 },
                        .tcp = { .flags = WEIR_SYN, .seq = 3, .window = 8 }, .payload_bytes = 4),
                 WEIR_MODE_OBSERVE);

    (void)state;
    assert_int_equal(ev.abi, WEIR_ABI);
    assert_int_equal(ev.len, sizeof(ev));
    assert_int_equal(ev.ts_ns, 77);
    assert_int_equal(ev.src[12], 192);
    assert_int_equal(ev.dst[12], 198);
    assert_int_equal(ev.sport, PACKET_CLIENT_PORT);
    assert_int_equal(ev.dport, PACKET_SERVER_PORT);
    assert_int_equal(ev.proto, 6);
    assert_int_equal(ev.ip_version, 4);
    assert_int_equal(ev.ttl, 9);
    assert_int_equal(ev.ip_id, 4711);
    assert_int_equal(ev.tcp_flags, WEIR_SYN);
    assert_int_equal(ev.seq, 3);
    assert_int_equal(ev.window, 8);
    assert_int_equal(ev.vlans, 2);
    assert_int_equal(ev.vlan[1], 6);
    assert_int_equal(ev.payload_bytes, 4);
    assert_int_equal(ev.frame_bytes, 14 + 8 + 44);
    assert_int_equal(ev.outcome, WEIR_OUTCOME_TCP);
}

static __u32 print_of(const struct weir_packet *p)
{
    return event_of(p, WEIR_MODE_OBSERVE).print;
}

/* What a sender keeps from one SYN to the next makes no difference, what he is does. */
static void a_syn_has_a_print(void **state)
{
    const struct octets options = OPTIONS(MSS(1460));
    __u32 first = print_of(PACKET(.tcp = { .flags = WEIR_SYN, .options = options }));

    (void)state;
    assert_int_not_equal(first, 0);
    assert_int_equal(
        print_of(PACKET(.ip4 = { .src = "203.0.113.9", .ttl = 60 }, .tcp = { .flags = WEIR_SYN,
                                                                             .seq = 77,
                                                                             .sport = 5,
                                                                             .dport = 80,
                                                                             .options = options })),
        first);
    assert_int_not_equal(
        print_of(PACKET(.ip4 = { .ttl = 120 }, .tcp = { .flags = WEIR_SYN, .options = options })),
        first);
    assert_int_not_equal(print_of(PACKET(.tcp = { .flags = WEIR_SYN })), first);
    assert_int_not_equal(
        print_of(PACKET(.tcp = { .flags = WEIR_SYN, .window = 1024, .options = options })), first);
    assert_int_equal(print_of(PACKET(.tcp = { .flags = WEIR_SYN | WEIR_ACK, .options = options })),
                     0);
    assert_int_equal(print_of(PACKET()), 0);
}

static void the_tunnel_is_told(void **state)
{
    struct weir_event ev =
        event_of(PACKET(.ip4 = { .src = "192.0.2.77" }, .l4 = L4_OTHER, .proto = 47,
                        .payload = BYTES(0x20, 0, 8, 0, BE32(5)), .inside = PACKET()),
                 WEIR_MODE_OBSERVE);

    (void)state;
    assert_int_equal(ev.src[15], 10);
    assert_int_equal(ev.outer_src[15], 77);
    assert_int_equal(ev.outer_dst[15], 20);
    assert_int_equal(ev.outer_proto, 47);
    assert_int_equal(ev.tunnel_depth, 1);
    assert_int_equal(ev.tunnel[0], WEIR_TUNNEL_GRE);
    assert_int_equal(ev.tunnel[1], WEIR_TUNNEL_NONE);
    assert_int_equal(ev.tunnel_id, 5);
    ev = event_of(PACKET(), WEIR_MODE_OBSERVE);
    assert_int_equal(ev.tunnel[0], WEIR_TUNNEL_NONE);
}

static void finding_names_row_evidence_and_others(void **state)
{
    struct weir_event ev =
        event_of(PACKET(.tcp = { .flags = WEIR_SYN, .options = OPTIONS(WS(15), MSS(1)) },
                        .payload_bytes = 4),
                 WEIR_MODE_ENFORCE);
    struct weir_rows others = { 0 };

    (void)state;
    assert_int_equal(ev.type, WEIR_EVENT_FINDING);
    assert_int_equal(ev.detection, WEIR_DET_FLOOD_SYN_PAYLOAD);
    assert_int_equal(ev.action, WEIR_ACTION_DROP);
    assert_int_equal(ev.evidence[0], 4);
    assert_true(ev.flags & WEIR_EVENT_ENFORCED);
    weir_rows_set(&others, WEIR_ROW_INTEGRITY_WINDOW_SCALE);
    weir_rows_set(&others, WEIR_ROW_INTEGRITY_TCP_OPTION_MISPLACED);
    assert_int_equal(ev.also[0], others.w[0]);
    assert_int_equal(ev.also[1], others.w[1]);
}

static void flags_say_what_is_void(void **state)
{
    struct weir_event ev = event_of(PACKET(.ip4 = { .version = 5 }), WEIR_MODE_OBSERVE);

    (void)state;
    assert_true(ev.flags & WEIR_EVENT_NO_ADDRS && ev.flags & WEIR_EVENT_NO_PORTS);
    ev = event_of(PACKET(.payload_bytes = 40, .fragment = { 24, 8 }), WEIR_MODE_OBSERVE);
    assert_true(!(ev.flags & WEIR_EVENT_NO_ADDRS) && ev.flags & WEIR_EVENT_NO_PORTS);
    ev = event_of(PACKET(.tcp = { .sport = EXACTLY(0), .dport = EXACTLY(0) }), WEIR_MODE_OBSERVE);
    assert_false(ev.flags & (WEIR_EVENT_NO_ADDRS | WEIR_EVENT_NO_PORTS | WEIR_EVENT_ENFORCED));
}

static void direction_without_a_flow(void **state)
{
    static const struct {
        __u64 flags, sport, dport;
        bool to_client;
    } cases[] = {
        { WEIR_SYN, 80, 40000, false },
        { WEIR_SYN | WEIR_ACK, 40000, 80, true },
        { WEIR_ACK, 80, 40000, true },
        { WEIR_ACK, 40000, 80, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct weir_event ev = event_of(PACKET(.tcp = { .flags = cases[i].flags,
                                                        .sport = cases[i].sport,
                                                        .dport = cases[i].dport }),
                                        WEIR_MODE_OBSERVE);

        assert_int_equal(!!(ev.flags & WEIR_EVENT_TO_CLIENT), cases[i].to_client);
    }
}

static void ids_are_those_of_the_table(void **state)
{
    (void)state;
#define DETECT(id, NAME, ...)                                                                      \
    assert_int_equal(weir_row_id(WEIR_ROW_##NAME), id);                                            \
    assert_in_range(id, 1, WEIR_DETECTION_IDS - 1);
#include "abi/detections.def"
#undef DETECT
}

static void what_a_drop_says(void **state)
{
    struct weir_inspection r;
    struct weir_event ev = { 0 };

    (void)state;
    weir_inspect(&r, PACKET(.ip4 = { .tos = 0xb8 }, .tcp = { .flags = WEIR_SYN | WEIR_FIN },
                            .payload_bytes = 4));
    weir_event_drop(&ev, &r.pkt, &r.window, WEIR_DROP_BAN);
    assert_int_equal(ev.type, WEIR_EVENT_DROP);
    assert_int_equal(ev.drop, WEIR_DROP_BAN);
    assert_int_equal(ev.flags, WEIR_EVENT_ENFORCED);
    assert_int_equal(ev.evidence[WEIR_DROP_IP_BYTES], r.pkt.ip_bytes);
    assert_int_equal(ev.evidence[WEIR_DROP_IP_WORD] >> 16 & 0xff, 0xb8);
    weir_inspect(&r, PACKET6(.tcp = { .flags = WEIR_SYN, .urgent = 9 }));
    weir_event_drop(&ev, &r.pkt, &r.window, WEIR_DROP_DENY);
    assert_int_equal(ev.evidence[WEIR_DROP_IP_WORD] >> 28, 6);
    assert_int_equal(ev.evidence[WEIR_DROP_TCP_WORD], 9 << 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(head_and_packet),
        cmocka_unit_test(a_syn_has_a_print),
        cmocka_unit_test(the_tunnel_is_told),
        cmocka_unit_test(finding_names_row_evidence_and_others),
        cmocka_unit_test(flags_say_what_is_void),
        cmocka_unit_test(direction_without_a_flow),
        cmocka_unit_test(ids_are_those_of_the_table),
        cmocka_unit_test(what_a_drop_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
