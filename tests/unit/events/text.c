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

#include <stdlib.h>
#include <string.h>

static const struct weir_eve_source file = { .pcap_filename = "file.pcap" };

static void also(struct weir_event *ev, unsigned row)
{
    ev->also[row / 64] |= 1ULL << row % 64;
}

static struct weir_event land(void)
{
    struct weir_event ev = {
        .abi = WEIR_ABI,
        .len = sizeof(ev),
        .type = WEIR_EVENT_FINDING,
        .ts_ns = 1795407712123456789,
        .count = 1,
        .packet = 17,
        .sport = 80,
        .dport = 80,
        .detection = WEIR_DET_INTEGRITY_LAND,
        .action = WEIR_ACTION_DROP,
        .proto = 6,
        .ip_version = 4,
        .ttl = 64,
        .frame_bytes = 54,
        .tcp_flags = 2,
    };

    assert_int_equal(weir_addr_parse("192.0.2.1", ev.src), 0);
    memcpy(ev.dst, ev.src, sizeof(ev.dst));
    also(&ev, WEIR_ROW_INTEGRITY_PORT_ZERO);
    return ev;
}

static void assert_line(const struct weir_event *ev, const struct weir_eve_source *from,
                        const char *expected)
{
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };

    weir_text_write(&b, ev, from);
    weir_buf_add_char(&b, '\0');
    assert_string_equal(b.data, expected);
}

static void a_finding_of_replay(void **state)
{
    struct weir_event ev = land();

    (void)state;
    assert_line(&ev, &file,
                "2026-11-23T04:21:52.123456  high  integrity.land                  "
                "192.0.2.1:80 -> 192.0.2.1:80              x1  would drop  packet 17 (file.pcap)"
                "  flags S ttl 64  also integrity.port_zero\n");
}

static void a_tunnel_is_told(void **state)
{
    struct weir_event ev = land();

    (void)state;
    memset(ev.also, 0, sizeof(ev.also));
    ev.tunnel[0] = WEIR_TUNNEL_MPLS;
    assert_line(&ev, &file,
                "2026-11-23T04:21:52.123456  high  integrity.land                  "
                "192.0.2.1:80 -> 192.0.2.1:80              x1  would drop  packet 17 (file.pcap)"
                "  in mpls  flags S ttl 64\n");
    ev.tunnel[1] = WEIR_TUNNEL_GRE;
    ev.tunnel_depth = 1;
    assert_int_equal(weir_addr_parse("203.0.113.1", ev.outer_src), 0);
    assert_int_equal(weir_addr_parse("203.0.113.2", ev.outer_dst), 0);
    assert_line(&ev, &file,
                "2026-11-23T04:21:52.123456  high  integrity.land                  "
                "192.0.2.1:80 -> 192.0.2.1:80              x1  would drop  packet 17 (file.pcap)"
                "  in mpls, gre of 203.0.113.1 -> 203.0.113.2  flags S ttl 64\n");
}

static void the_last_of_an_incident_live(void **state)
{
    const struct weir_eve_source eth0 = { .in_iface = "eth0", .clock_offset_ns = 1000000000 };
    struct weir_event ev = land();

    (void)state;
    ev.packet = 0;
    ev.count = 1234;
    ev.flags = WEIR_EVENT_FINAL | WEIR_EVENT_ENFORCED | WEIR_EVENT_EGRESS;
    assert_line(&ev, &eth0,
                "2026-11-23T04:21:53.123456  high  integrity.land                  "
                "192.0.2.1:80 -> 192.0.2.1:80              x1234  final  drop  eth0 out\n");
}

static void a_counted_fragment_of_ip6(void **state)
{
    struct weir_event ev = land();

    (void)state;
    ev.type = WEIR_EVENT_COUNTED;
    ev.detection = WEIR_DET_INTEGRITY_FRAGMENT_TCP;
    ev.flags = WEIR_EVENT_NO_PORTS;
    ev.outcome = WEIR_OUTCOME_TCP_FRAGMENT;
    ev.ip_version = 6;
    memset(ev.also, 0, sizeof(ev.also));
    ev.evidence[0] = 1448;
    assert_int_equal(weir_addr_parse("2001:db8::1", ev.src), 0);
    assert_int_equal(weir_addr_parse("2001:db8::2", ev.dst), 0);
    assert_line(&ev, &file,
                "2026-11-23T04:21:52.123456  info  integrity.fragment_tcp          "
                "2001:db8::1 -> 2001:db8::2 TCP            x1  packet 17 (file.pcap)"
                "  ttl 64  offset_bytes 1448\n");
}

static void of_the_host_itself(void **state)
{
    static const struct weir_eve_source host = { 0 };
    struct weir_event ev = { .ts_ns = 1795407712123456789,
                             .count = 12,
                             .detection = WEIR_DET_HEALTH_TABLE_PRESSURE,
                             .action = WEIR_ACTION_ALERT,
                             .flags = WEIR_EVENT_NO_ADDRS | WEIR_EVENT_NO_PORTS,
                             .evidence = { 3, 4, 5 } };

    (void)state;
    assert_line(
        &ev, &host,
        "2026-11-23T04:21:52.123456  high  health.table_pressure           "
        "(no addresses)                            x12  evicted 3  untracked 4  events 5\n");
}

static void ports_of_ip6_stand_behind_brackets(void **state)
{
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };
    struct weir_event ev = land();

    (void)state;
    assert_int_equal(weir_addr_parse("2001:db8::1", ev.src), 0);
    weir_text_write(&b, &ev, &file);
    assert_non_null(memmem(b.data, b.len, "[2001:db8::1]:80 -> 192.0.2.1:80", 32));
}

static void other_findings_are_a_list(void **state)
{
    static const char expected[] = "  also integrity.land, integrity.port_zero\n";
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };
    struct weir_event ev = land();

    (void)state;
    also(&ev, WEIR_ROW_INTEGRITY_LAND);
    weir_text_write(&b, &ev, &file);
    assert_non_null(memmem(b.data, b.len, expected, sizeof(expected) - 1));
}

static void no_addresses_no_ends(void **state)
{
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };
    struct weir_event ev = land();

    (void)state;
    ev.flags = WEIR_EVENT_NO_ADDRS | WEIR_EVENT_NO_PORTS;
    ev.ip_version = 0;
    weir_text_write(&b, &ev, &file);
    assert_non_null(memmem(b.data, b.len, "(no addresses)", 14));
    assert_null(memmem(b.data, b.len, "192.0.2.1", 9));
    assert_null(memmem(b.data, b.len, "ttl", 3));
}

static void assert_printable(const struct weir_buf *b)
{
    assert_true(b->len > 0 && b->data[b->len - 1] == '\n');
    for (size_t i = 0; i + 1 < b->len; i++)
        assert_in_range((unsigned char)b->data[i], 0x20, 0x7e);
}

static void names_cannot_drive_the_terminal(void **state)
{
    const struct weir_eve_source evil = { .pcap_filename = "a\x1b[31m\n\x9b\xc2\x9b.pcap" };
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };
    struct weir_event ev = land();

    (void)state;
    weir_text_write(&b, &ev, &evil);
    assert_printable(&b);
    assert_non_null(memmem(b.data, b.len, "a\\x1b[31m\\x0a\\x9b\\xc2\\x9b.pcap", 29));
}

static void any_bytes_make_one_printable_line(void **state)
{
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };
    struct weir_event ev;

    (void)state;
    srandom(1);
    for (int i = 0; i < 20000; i++) {
        for (size_t k = 0; k < sizeof(ev); k++)
            ((uint8_t *)&ev)[k] = (uint8_t)random();
        if (i & 1)
            ev.detection = (uint16_t)weir_detection_by_row((unsigned)i % WEIR_ROW_MAX)->id;
        weir_buf_clear(&b);
        weir_text_write(&b, &ev, &file);
        assert_printable(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_finding_of_replay),
        cmocka_unit_test(a_tunnel_is_told),
        cmocka_unit_test(the_last_of_an_incident_live),
        cmocka_unit_test(a_counted_fragment_of_ip6),
        cmocka_unit_test(of_the_host_itself),
        cmocka_unit_test(ports_of_ip6_stand_behind_brackets),
        cmocka_unit_test(other_findings_are_a_list),
        cmocka_unit_test(no_addresses_no_ends),
        cmocka_unit_test(names_cannot_drive_the_terminal),
        cmocka_unit_test(any_bytes_make_one_printable_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
