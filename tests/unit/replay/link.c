/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/packet.h"
#include "harness/run.h"
#include "replay/host.h"
#include "replay/link.h"

#include <pcap/pcap.h>
#include <string.h>

/* A SYN behind another link header. */
static void parse(int dlt, const void *header, size_t len, bool ip6, struct weir_pkt *ret)
{
    static struct weir_frame frame;
    static uint8_t data[512];
    struct weir_capture_packet packet = { .data = data, .datalink = dlt };
    size_t rest;

    if (ip6)
        weir_packet_build(PACKET6(.tcp = { .flags = WEIR_SYN }), &frame);
    else
        weir_packet_build(PACKET(.tcp = { .flags = WEIR_SYN }), &frame);
    rest = frame.cap - 14;
    memcpy(data, header, len);
    memcpy(data + len, frame.b + 14, rest);
    packet.cap = packet.wire = (uint32_t)(len + rest);
    weir_host_innermost(&packet, ret);
}

#define PARSE(dlt, ip6, ret, ...)                                                                  \
    parse(dlt, (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }), ip6, ret)

static void expect_tcp(const struct weir_pkt *p, int version, bool loopback)
{
    assert_int_equal(p->outcome, WEIR_OUTCOME_TCP);
    assert_int_equal(p->ip_version, version);
    assert_int_equal(p->dport, PACKET_SERVER_PORT);
    assert_int_equal(!!(p->link_flags & WEIR_LINK_LOOPBACK), loopback);
}

static void every_type(void **state)
{
    struct weir_pkt p;

    (void)state;
    PARSE(DLT_NULL, false, &p, 2, 0, 0, 0);
    expect_tcp(&p, 4, true);
    PARSE(DLT_NULL, false, &p, 0, 0, 0, 2);
    expect_tcp(&p, 4, true);
    PARSE(DLT_LOOP, true, &p, 0, 0, 0, 30);
    expect_tcp(&p, 6, true);
    PARSE(DLT_NULL, true, &p, 10, 0, 0, 0);
    expect_tcp(&p, 6, true);
    PARSE(DLT_LINUX_SLL, false, &p, 0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 8, 0);
    expect_tcp(&p, 4, false);
    PARSE(DLT_LINUX_SLL, true, &p, 0, 0, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0x86, 0xdd);
    expect_tcp(&p, 6, true);
    PARSE(DLT_LINUX_SLL, false, &p, 0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 0x81, 0, 0, 7, 8, 0);
    expect_tcp(&p, 4, false);
    assert_int_equal(p.vlan[0], 7);
    PARSE(DLT_LINUX_SLL2, false, &p, 8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0);
    expect_tcp(&p, 4, false);
    PARSE(DLT_PPP, false, &p, 0x00, 0x21);
    expect_tcp(&p, 4, false);
    PARSE(DLT_PPP, true, &p, 0xff, 0x03, 0x57);
    expect_tcp(&p, 6, false);
    PARSE(DLT_PPP_SERIAL, false, &p, 0xff, 0x03, 0x00, 0x21);
    expect_tcp(&p, 4, false);
    PARSE(DLT_C_HDLC, false, &p, 0x0f, 0, 8, 0);
    expect_tcp(&p, 4, false);
}

static void raw(void **state)
{
    struct weir_pkt p;

    (void)state;
    for (int i = 0; i < 2; i++) {
        /* Tunnels mostly: LAND and martians are judged. */
        parse(i ? 101 : DLT_RAW, "", 0, false, &p);
        expect_tcp(&p, 4, false);
        parse(DLT_IPV6, "", 0, true, &p);
        expect_tcp(&p, 6, false);
    }
}

static void what_is_not_ip(void **state)
{
    struct weir_pkt p;

    (void)state;
    PARSE(DLT_NULL, false, &p, 7, 0, 0, 0);
    assert_int_equal(p.outcome, WEIR_OUTCOME_OTHER_LINK);
    PARSE(DLT_PPP, false, &p, 0xc0, 0x21); /* LCP */
    assert_int_equal(p.outcome, WEIR_OUTCOME_OTHER_LINK);
    PARSE(DLT_IEEE802_11, false, &p, 0);
    assert_int_equal(p.outcome, WEIR_OUTCOME_OTHER_LINK);
    PARSE(DLT_LINUX_SLL, false, &p, 0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 8, 6);
    assert_int_equal(p.outcome, WEIR_OUTCOME_ARP);
}

static void unknown_types_are_named(void **state)
{
    struct weir_error e = { 0 };

    (void)state;
    assert_int_equal(weir_link_check(DLT_EN10MB, "x", &e), 0);
    assert_true(weir_link_check(DLT_IEEE802_11, "a.pcap", &e) < 0);
    assert_non_null(strstr(e.text, "a.pcap"));
    assert_non_null(strstr(e.text, "IEEE802_11"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type),
        cmocka_unit_test(raw),
        cmocka_unit_test(what_is_not_ip),
        cmocka_unit_test(unknown_types_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
