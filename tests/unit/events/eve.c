/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/addr.h"
#include "base/cleanup.h"
#include "events/eve.h"
#include "events/names.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const struct weir_eve_source file = { .pcap_filename = "file.pcap" };

static void also(struct weir_event *ev, unsigned row)
{
    ev->also[row / 64] |= 1ULL << row % 64;
}

static struct weir_event finding(void)
{
    struct weir_event ev = {
        .abi = WEIR_ABI,
        .len = sizeof(ev),
        .type = WEIR_EVENT_FINDING,
        .ts_ns = 1795407712123456789,
        .first_ns = 1795407700000000000,
        .count = 4,
        .flow_id = 42,
        .packet = 17,
        .sport = 40000,
        .dport = 80,
        .detection = WEIR_DET_FLOOD_SYN_PAYLOAD,
        .action = WEIR_ACTION_DROP,
        .proto = 6,
        .ip_version = 4,
        .ttl = 64,
        .tcp_flags = 0x42,
        .seq = 4294967295,
        .ack = 1,
        .window = 1024,
        .payload_bytes = 100,
        .frame_bytes = 154,
        .ip_id = 4242,
        .evidence = { 100, 1, 2, 3 },
    };

    assert_int_equal(weir_addr_parse("192.0.2.1", ev.src), 0);
    assert_int_equal(weir_addr_parse("198.51.100.1", ev.dst), 0);
    also(&ev, WEIR_ROW_INTEGRITY_LAND);
    also(&ev, WEIR_ROW_INTEGRITY_PORT_ZERO);
    return ev;
}

static json_t *written(struct weir_buf *b, const struct weir_event *ev,
                       const struct weir_eve_source *from)
{
    json_error_t error;
    json_t *root;

    weir_buf_clear(b);
    weir_eve_write(b, ev, from);
    assert_true(b->len > 0 && b->data[b->len - 1] == '\n');
    assert_ptr_equal(memchr(b->data, '\n', b->len), b->data + b->len - 1);
    root = json_loadb(b->data, b->len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (!root)
        print_error("%s at %d: %.*s", error.text, error.position, (int)b->len, b->data);
    assert_non_null(root);
    return root;
}

static void assert_written(const struct weir_event *ev, const struct weir_eve_source *from,
                           const char *expected)
{
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };

    json_decref(written(&b, ev, from));
    b.data[b.len - 1] = '\0';
    assert_string_equal(b.data, expected);
}

static void a_finding_in_full(void **state)
{
    struct weir_event ev = finding();

    (void)state;
    ev.vlans = 2;
    ev.vlan[0] = 7;
    ev.vlan[1] = 4094;
    assert_written(
        &ev, &file,
        "{\"timestamp\":\"2026-11-23T04:21:52.123456+0000\",\"flow_id\":42,\"pcap_cnt\":17,"
        "\"pcap_filename\":\"file.pcap\",\"event_type\":\"alert\",\"vlan\":[7,4094],"
        "\"src_ip\":\"192.0.2.1\",\"src_port\":40000,\"dest_ip\":\"198.51.100.1\","
        "\"dest_port\":80,\"proto\":\"TCP\",\"ip_v\":4,\"direction\":\"to_server\","
        "\"alert\":{\"action\":\"allowed\",\"gid\":1,\"signature_id\":15,\"rev\":1,"
        "\"signature\":\"weir flood.syn_payload\",\"category\":\"flood\",\"severity\":2},"
        "\"tcp\":{\"tcp_flags\":\"42\",\"syn\":true,\"ecn\":true},"
        "\"weir\":{\"detection\":\"flood.syn_payload\",\"category\":\"flood\","
        "\"severity\":\"med\",\"action\":\"drop\",\"enforced\":false,\"count\":4,"
        "\"first\":\"2026-11-23T04:21:40.000000+0000\",\"path\":\"ingress\","
        "\"evidence\":{\"payload_bytes\":100,"
        "\"also\":[\"integrity.land\",\"integrity.port_zero\"]},"
        "\"packet\":{\"outcome\":\"tcp\",\"frame_bytes\":154,\"ttl\":64,\"ip_id\":4242,"
        "\"tcp_flags\":\"SE\",\"seq\":4294967295,\"ack\":1,\"window\":1024,"
        "\"payload_bytes\":100}}}");
}

static void in_two_tunnels(struct weir_event *ev)
{
    ev->tunnel[0] = WEIR_TUNNEL_PPPOE;
    ev->tunnel[1] = WEIR_TUNNEL_VXLAN;
    ev->tunnel_id = 4711;
    ev->tunnel_depth = 1;
    ev->outer_proto = 17;
    assert_int_equal(weir_addr_parse("203.0.113.1", ev->outer_src), 0);
    assert_int_equal(weir_addr_parse("2001:db8::2", ev->outer_dst), 0);
}

static void a_tunnel_is_told(void **state)
{
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };
    struct weir_event ev = finding();
    json_t *root, *tunnel, *packet;

    (void)state;
    in_two_tunnels(&ev);
    root = written(&b, &ev, &file);
    tunnel = json_object_get(root, "tunnel");
    assert_string_equal(json_string_value(json_object_get(tunnel, "src_ip")), "203.0.113.1");
    assert_string_equal(json_string_value(json_object_get(tunnel, "dest_ip")), "2001:db8::2");
    assert_string_equal(json_string_value(json_object_get(tunnel, "proto")), "UDP");
    assert_int_equal(json_integer_value(json_object_get(tunnel, "depth")), 1);
    packet = json_object_get(json_object_get(root, "weir"), "packet");
    tunnel = json_object_get(packet, "tunnels");
    assert_int_equal(json_array_size(tunnel), 2);
    assert_string_equal(json_string_value(json_array_get(tunnel, 0)), "pppoe");
    assert_string_equal(json_string_value(json_array_get(tunnel, 1)), "vxlan");
    assert_int_equal(json_integer_value(json_object_get(packet, "tunnel_id")), 4711);
    json_decref(root);
    ev.tunnel_depth = 0;
    root = written(&b, &ev, &file);
    assert_null(json_object_get(root, "tunnel"));
    json_decref(root);
    ev.tunnel_depth = 1;
    ev.flags |= WEIR_EVENT_FINAL;
    root = written(&b, &ev, &file);
    assert_null(json_object_get(root, "tunnel"));
    json_decref(root);
}

static void the_last_of_an_incident_live(void **state)
{
    const struct weir_eve_source eth0 = { .in_iface = "eth0", .clock_offset_ns = 2000000000 };
    struct weir_event ev = finding();

    (void)state;
    ev.packet = 0;
    ev.flags = WEIR_EVENT_FINAL | WEIR_EVENT_ENFORCED | WEIR_EVENT_EGRESS | WEIR_EVENT_TO_CLIENT;
    assert_written(
        &ev, &eth0,
        "{\"timestamp\":\"2026-11-23T04:21:54.123456+0000\",\"flow_id\":42,\"in_iface\":\"eth0\","
        "\"event_type\":\"alert\","
        "\"src_ip\":\"192.0.2.1\",\"src_port\":40000,\"dest_ip\":\"198.51.100.1\","
        "\"dest_port\":80,\"proto\":\"TCP\",\"ip_v\":4,\"direction\":\"to_client\","
        "\"alert\":{\"action\":\"blocked\",\"gid\":1,\"signature_id\":15,\"rev\":1,"
        "\"signature\":\"weir flood.syn_payload\",\"category\":\"flood\",\"severity\":2},"
        "\"tcp\":{\"tcp_flags\":\"42\",\"syn\":true,\"ecn\":true},"
        "\"weir\":{\"detection\":\"flood.syn_payload\",\"category\":\"flood\","
        "\"severity\":\"med\",\"action\":\"drop\",\"enforced\":true,\"count\":4,"
        "\"first\":\"2026-11-23T04:21:42.000000+0000\",\"final\":true,\"path\":\"egress\"}}");
}

static void a_counted_row_is_an_anomaly(void **state)
{
    struct weir_event ev = finding();

    (void)state;
    ev.type = WEIR_EVENT_COUNTED;
    ev.detection = WEIR_DET_INTEGRITY_FRAGMENT_TCP;
    ev.action = WEIR_ACTION_ALERT;
    ev.flags = WEIR_EVENT_NO_PORTS;
    ev.outcome = WEIR_OUTCOME_TCP_FRAGMENT;
    ev.count = 0;
    memset(ev.also, 0, sizeof(ev.also));
    ev.evidence[0] = 1480;
    assert_written(
        &ev, &file,
        "{\"timestamp\":\"2026-11-23T04:21:52.123456+0000\",\"flow_id\":42,\"pcap_cnt\":17,"
        "\"pcap_filename\":\"file.pcap\",\"event_type\":\"anomaly\","
        "\"src_ip\":\"192.0.2.1\",\"dest_ip\":\"198.51.100.1\",\"proto\":\"TCP\",\"ip_v\":4,"
        "\"direction\":\"to_server\","
        "\"anomaly\":{\"type\":\"decode\",\"event\":\"integrity.fragment_tcp\"},"
        "\"weir\":{\"detection\":\"integrity.fragment_tcp\",\"category\":\"integrity\","
        "\"severity\":\"info\",\"action\":\"count\",\"enforced\":false,\"path\":\"ingress\","
        "\"evidence\":{\"offset_bytes\":1480},"
        "\"packet\":{\"outcome\":\"tcp_fragment\",\"frame_bytes\":154,\"ttl\":64,"
        "\"ip_id\":4242}}}");
}

static void a_pattern_has_its_name(void **state)
{
    const struct weir_eve_source named = { .pcap_filename = "file.pcap", .pattern = "passwd" };
    struct weir_event ev = finding();
    struct weir_buf out = { 0 };

    (void)state;
    ev.detection = WEIR_DET_PAYLOAD_SIGNATURE;
    ev.print = 0xab1;
    memset(ev.also, 0, sizeof(ev.also));
    weir_eve_write(&out, &ev, &named);
    weir_text_write(&out, &ev, &named);
    weir_buf_add(&out, "", 1); /* a string */
    assert_non_null(
        strstr(out.data, "\"evidence\":{\"pattern\":100,\"end\":1,\"pattern_name\":\"passwd\"}"));
    assert_non_null(strstr(out.data, "\"payload_bytes\":100,\"syn_print\":\"00000ab1\"}"));
    assert_non_null(strstr(out.data, "  pattern 100  end 1  name passwd"));
    weir_buf_free(&out);
}

static void a_dropped_packet(void **state)
{
    const struct weir_eve_source eth0 = { .in_iface = "eth0" };
    struct weir_event ev = finding();

    (void)state;
    ev.type = WEIR_EVENT_DROP;
    ev.drop = WEIR_DROP_DETECTION;
    ev.flags = WEIR_EVENT_ENFORCED;
    ev.packet = ev.count = 0;
    memset(ev.also, 0, sizeof(ev.also));
    ev.evidence[WEIR_DROP_IP_BYTES] = 140;
    ev.evidence[WEIR_DROP_IP_WORD] = 0x45b8008c;
    ev.evidence[WEIR_DROP_TCP_WORD] = 7 << 16 | 1;
    ev.evidence[WEIR_DROP_SUPPRESSED] = 0;
    assert_written(
        &ev, &eth0,
        "{\"timestamp\":\"2026-11-23T04:21:52.123456+0000\",\"flow_id\":42,\"in_iface\":\"eth0\","
        "\"event_type\":\"drop\",\"src_ip\":\"192.0.2.1\",\"src_port\":40000,"
        "\"dest_ip\":\"198.51.100.1\",\"dest_port\":80,\"proto\":\"TCP\",\"ip_v\":4,"
        "\"direction\":\"to_server\",\"drop\":{\"len\":140,\"tos\":184,\"ttl\":64,\"ipid\":4242,"
        "\"tcpseq\":4294967295,\"tcpack\":1,\"tcpwin\":1024,\"fin\":false,\"syn\":true,"
        "\"rst\":false,\"psh\":false,\"ack\":false,\"urg\":false,\"tcpres\":1,\"tcpurgp\":7,"
        "\"reason\":\"detection\"},\"weir\":{\"detection\":\"flood.syn_payload\","
        "\"path\":\"ingress\",\"frame_bytes\":154}}");
    /* A banned source's ping over IPv6, with 1234 more that left no event. */
    ev.drop = WEIR_DROP_BAN;
    ev.detection = 0;
    ev.flags |= WEIR_EVENT_NO_PORTS;
    ev.proto = 58;
    ev.ip_version = 6;
    ev.outcome = WEIR_OUTCOME_ICMP6;
    ev.evidence[WEIR_DROP_IP_WORD] = 0x61234567;
    ev.evidence[WEIR_DROP_SUPPRESSED] = 1234;
    assert_written(
        &ev, &eth0,
        "{\"timestamp\":\"2026-11-23T04:21:52.123456+0000\",\"flow_id\":42,\"in_iface\":\"eth0\","
        "\"event_type\":\"drop\",\"src_ip\":\"192.0.2.1\",\"dest_ip\":\"198.51.100.1\","
        "\"proto\":\"IPv6-ICMP\",\"ip_v\":6,\"direction\":\"to_server\","
        "\"drop\":{\"len\":100,\"tc\":18,\"flowlbl\":214375,\"hoplimit\":64,\"reason\":\"ban\"},"
        "\"weir\":{\"path\":\"ingress\",\"frame_bytes\":154,\"suppressed\":1234}}");
}

static void void_fields_are_left_out(void **state)
{
    static const char *const absent[] = { "flow_id", "src_ip", "src_port", "dest_ip",  "dest_port",
                                          "proto",   "ip_v",   "tcp",      "direction" };
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };
    struct weir_event ev = finding();
    json_t *root;

    (void)state;
    ev.flags = WEIR_EVENT_NO_ADDRS;
    ev.ip_version = 0;
    root = written(&b, &ev, &file);
    for (size_t i = 0; i < sizeof(absent) / sizeof(*absent); i++)
        assert_null(json_object_get(root, absent[i]));
    json_decref(root);
}

static void a_missing_flow_id_is_made(void **state)
{
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };
    struct weir_event ev = finding();
    json_t *root;

    (void)state;
    ev.flow_id = 0;
    root = written(&b, &ev, &file);
    assert_int_equal(json_integer_value(json_object_get(root, "flow_id")), weir_event_flow_id(&ev));
    json_decref(root);
}

static void names_of_sources_may_be_any_bytes(void **state)
{
    const struct weir_eve_source odd = { .in_iface = "\"\\\x01", .pcap_filename = "\xff\n.pcap" };
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };
    struct weir_event ev = finding();
    json_t *root = written(&b, &ev, &odd);

    (void)state;
    assert_string_equal(json_string_value(json_object_get(root, "in_iface")), "\"\\\x01");
    assert_string_equal(json_string_value(json_object_get(root, "pcap_filename")),
                        "\xef\xbf\xbd\n.pcap");
    json_decref(root);
}

/* Every row, all others in its evidence: the largest line there is. */
static void every_row_can_be_written(void **state)
{
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };
    struct weir_event ev = finding();

    (void)state;
    for (unsigned row = 0; row < WEIR_ROW_MAX; row++) {
        const struct weir_detection_info *info = weir_detection_by_row(row);
        const char *name;
        json_t *root;

        ev.detection = (uint16_t)info->id;
        ev.also[0] = ev.also[1] = UINT64_MAX;
        root = written(&b, &ev, &file);
        assert_int_equal(json_unpack(root, "{s:{s:s}}", "weir", "detection", &name), 0);
        assert_string_equal(name, info->name);
        json_decref(root);
    }
}

/* Even a record that weir_event_valid() would refuse becomes one valid line. */
static void any_bytes_make_one_valid_line(void **state)
{
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };
    struct weir_event ev;

    (void)state;
    srandom(1);
    for (int i = 0; i < 20000; i++) {
        for (size_t k = 0; k < sizeof(ev); k++)
            ((uint8_t *)&ev)[k] = random() % 5 ? (uint8_t)random() : 0;
        ev.abi = WEIR_ABI;
        ev.len = sizeof(ev);
        if (i & 1)
            ev.detection = (uint16_t)weir_detection_by_row((unsigned)i % WEIR_ROW_MAX)->id;
        /* jansson reads integers of 63 bits; weir counts up to 64. */
        ev.count >>= 1;
        ev.packet >>= 1;
        ev.flow_id >>= 11;
        json_decref(written(&b, &ev, &file));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_finding_in_full),
        cmocka_unit_test(a_tunnel_is_told),
        cmocka_unit_test(the_last_of_an_incident_live),
        cmocka_unit_test(a_counted_row_is_an_anomaly),
        cmocka_unit_test(a_pattern_has_its_name),
        cmocka_unit_test(a_dropped_packet),
        cmocka_unit_test(void_fields_are_left_out),
        cmocka_unit_test(a_missing_flow_id_is_made),
        cmocka_unit_test(names_of_sources_may_be_any_bytes),
        cmocka_unit_test(every_row_can_be_written),
        cmocka_unit_test(any_bytes_make_one_valid_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
