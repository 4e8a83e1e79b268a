/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

#include <string.h>

static struct weir_inspection inspect(const struct weir_packet *p)
{
    struct weir_inspection r;

    weir_inspect(&r, p);
    return r;
}

static void addresses_and_numbers(void **state)
{
    static const __u8 src[16] = { [10] = 0xff, 0xff, 192, 0, 2, 10 };
    struct weir_pkt p = inspect(PACKET(.ip4 = { .id = 0xbeef, .ttl = 63 },
                                       .tcp = { .seq = 0x01020304,
                                                .ack = 0x05060708,
                                                .flags = WEIR_ACK | WEIR_PSH,
                                                .window = 512,
                                                .urgent = 3 },
                                       .payload_bytes = 7))
                            .pkt;

    (void)state;
    assert_memory_equal(p.src, src, 16);
    assert_int_equal(p.sport, PACKET_CLIENT_PORT);
    assert_int_equal(p.dport, PACKET_SERVER_PORT);
    assert_int_equal(p.seq, 0x01020304);
    assert_int_equal(p.ack, 0x05060708);
    assert_int_equal(p.window, 512);
    assert_int_equal(p.urgent, 3);
    assert_int_equal(p.tcp_flags, WEIR_ACK | WEIR_PSH);
    assert_int_equal(p.ip_version, 4);
    assert_int_equal(p.ip_id, 0xbeef);
    assert_int_equal(p.ttl, 63);
    assert_int_equal(p.ip_bytes, 47);
    assert_int_equal(p.l4_len, 27);
    assert_int_equal(p.payload_off, 54);
    assert_int_equal(p.payload_bytes, 7);
}

static void a_clean_segment_has_no_trait(void **state)
{
    (void)state;
    assert_int_equal(inspect(PACKET(.payload_bytes = 100)).pkt.traits, 0);
    assert_int_equal(inspect(PACKET6(.payload_bytes = 100)).pkt.traits, 0);
    assert_int_equal(inspect(PACKET(.tcp = { .options = OPTIONS(NOP, NOP, TS(1, 2)) })).pkt.traits,
                     0);
    assert_int_equal(inspect(PACKET(.tcp = { .flags = WEIR_FIN | WEIR_ACK })).pkt.traits, 0);
}

static void vlan_ids(void **state)
{
    struct weir_pkt p = inspect(PACKET(.eth = { .vlan = { 0xe007, 8 } })).pkt;

    (void)state;
    assert_int_equal(p.vlans, 2);
    assert_int_equal(p.vlan[0], 7);
    assert_int_equal(p.vlan[1], 8);
    assert_int_equal(p.l3_off, 22);
}

static void extension_headers_are_not_payload(void **state)
{
    struct weir_pkt p =
        inspect(PACKET6(.ip6 = { .ext = { { HOPOPTS }, { AUTH } } }, .payload_bytes = 9)).pkt;

    (void)state;
    assert_int_equal(p.ip6_headers, 2);
    assert_int_equal(p.proto, WEIR_IP_TCP);
    assert_int_equal(p.l4_off, 14 + 40 + 8 + 24);
    assert_int_equal(p.payload_bytes, 9);
}

static void fragment_fields(void **state)
{
    struct weir_pkt p = inspect(PACKET(.payload_bytes = 100, .fragment = { 80, 24 })).pkt;

    (void)state;
    assert_int_equal(p.fragment_off, 80);
    assert_int_equal(p.fragment_more, 1);
    assert_int_equal(p.fragment_bytes, 24);
    p = inspect(PACKET6(.ip6 = { .ext = { { FRAGMENT } } }, .payload_bytes = 100,
                        .fragment = { 80, 40 }))
            .pkt;
    assert_int_equal(p.fragment_off, 80);
    assert_int_equal(p.fragment_more, 0);
    assert_int_equal(p.fragment_bytes, 40);
    assert_int_equal(p.ip_id, 0x5678);
}

static void a_quote_is_decoded_in_its_own_direction(void **state)
{
    struct weir_inspection r =
        inspect(PACKET(.l4 = L4_ICMP,
                       .icmp = { .type = 3, .code = 1, .quote = PACKET(.tcp = { .seq = 77 }) }));
    struct weir_quote q;

    (void)state;
    assert_true(weir_parse_quote(&r.pkt, &r.window, &q));
    assert_int_equal(q.sport, PACKET_CLIENT_PORT);
    assert_int_equal(q.dport, PACKET_SERVER_PORT);
    assert_int_equal(q.seq, 77);
    assert_int_equal(q.src[15], 10);
    assert_int_equal(q.dst[15], 20);
}

/* A VXLAN frame in GRE in a VLAN. */
static const struct weir_packet two_tunnels = {
    .eth = { .vlan = { 7 } },
    .ip4 = { .src = "192.0.2.77", .dst = "192.0.2.78", .ttl = 9, .id = 1 },
    .l4 = L4_OTHER,
    .proto = 47,
    .payload = BYTES(BE16(0x2000), BE16(0x800), BE32(5)),
    .inside = PACKET(.l4 = L4_UDP, .udp = { .dport = 4789 },
                     .payload = BYTES(BE32(0x08000000), BE32(0x123456 << 8)),
                     .inside_frame = PACKET6(.eth = { .vlan = { 8, 9 } }, .tcp = { .seq = 42 },
                                             .payload_bytes = 5)),
};

static void a_tunnel_leaves_the_packet_inside(void **state)
{
    static const __u8 src[16] = { [10] = 0xff, 0xff, 192, 0, 2, 77 };
    struct weir_pkt p = inspect(&two_tunnels).pkt;

    (void)state;
    assert_int_equal(p.outcome, WEIR_OUTCOME_TCP);
    assert_int_equal(p.ip_version, 6);
    assert_int_equal(p.seq, 42);
    assert_int_equal(p.ttl, 64);
    assert_int_equal(p.ip_id, 0);
    assert_int_equal(p.payload_bytes, 5);
    assert_int_equal(p.l3_off, 18 + 28 + 28 + 8 + 22);
    assert_int_equal(p.traits, 0);
    assert_int_equal(p.vlans, 1);
    assert_int_equal(p.vlan[0], 7);
    assert_int_equal(p.vlan[1], 0);
    assert_int_equal(p.frame_bytes, p.l4_off + p.l4_len);
    assert_int_equal(p.tunnels, 2);
    assert_int_equal(p.outside.kind[0], WEIR_TUNNEL_GRE);
    assert_int_equal(p.outside.kind[1], WEIR_TUNNEL_VXLAN);
    assert_int_equal(p.outside.depth, 2);
    assert_int_equal(p.outside.id, 0x123456);
    assert_int_equal(p.outside.proto, WEIR_IP_GRE);
    assert_memory_equal(p.outside.src, src, 16);
    assert_int_equal(p.outside.dst[15], 78);
}

static void a_tunnel_below_ip_has_no_addresses_outside(void **state)
{
    static const __u8 none[16];
    struct weir_pkt p = inspect(PACKET(.net = NET_NONE, .eth = { .type = 0x8864 },
                                       .payload = BYTES(0x11, 0, BE16(9), BE16(42), BE16(0x21)),
                                       .inside = PACKET()))
                            .pkt;

    (void)state;
    assert_int_equal(p.tunnels, 1);
    assert_int_equal(p.outside.kind[0], WEIR_TUNNEL_PPPOE);
    assert_int_equal(p.outside.kind[1], WEIR_TUNNEL_NONE);
    assert_int_equal(p.outside.id, 9);
    assert_int_equal(p.outside.depth, 0);
    assert_memory_equal(p.outside.src, none, 16);
}

/* Its checksum covers bytes that are in other fragments. */
static void a_part_of_a_tunnel_is_not_summed(void **state)
{
    struct weir_inspection r =
        inspect(PACKET(.l4 = L4_OTHER, .proto = 4, .inside = PACKET(.payload_bytes = 100),
                       .fragment = { 0, 80 }, .trailer_bytes = 200));

    (void)state;
    assert_int_equal(r.pkt.outcome, WEIR_OUTCOME_TCP);
    assert_int_equal(r.pkt.traits, WEIR_TRAIT_TUNNEL_PART);
    assert_false(r.summed);
}

/* Other link layers enter at the EtherType. */
static void entry_without_ethernet(void **state)
{
    static struct weir_frame frame;
    struct weir_inspection r;

    (void)state;
    weir_packet_build(PACKET(.ip4 = { .src = "127.0.0.1" }), &frame);
    weir_inspect_bytes(
        &r, frame.b + 14, frame.cap - 14, frame.wire - 14,
        &(struct weir_arrival){ .ethertype = WEIR_ETH_IP4, .link_flags = WEIR_LINK_LOOPBACK });
    assert_int_equal(r.pkt.outcome, WEIR_OUTCOME_TCP);
    assert_int_equal(r.hits.found.w[0], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_and_numbers),
        cmocka_unit_test(a_clean_segment_has_no_trait),
        cmocka_unit_test(vlan_ids),
        cmocka_unit_test(extension_headers_are_not_payload),
        cmocka_unit_test(fragment_fields),
        cmocka_unit_test(a_quote_is_decoded_in_its_own_direction),
        cmocka_unit_test(a_tunnel_leaves_the_packet_inside),
        cmocka_unit_test(a_tunnel_below_ip_has_no_addresses_outside),
        cmocka_unit_test(a_part_of_a_tunnel_is_not_summed),
        cmocka_unit_test(entry_without_ethernet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
