/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include <string.h>

#include "abi/detection.h"
#include "events/eve_scan.h"

static struct weir_scan_incident decoys(void)
{
    struct weir_scan_incident s = {
        .id = 3,
        .first_ns = 1000000000ULL * 1767261600,
        .last_ns = 1000000000ULL * 1767261602,
        .packets = 40,
        .part = { { 30, WEIR_DET_SCAN_VERTICAL, { 0 } }, { 10, WEIR_DET_SCAN_DECOY, { 0 } } },
        .ports = 100,
        .hosts = 1,
        .failed = 98,
        .opened = 0,
        .score = (uint32_t)-4,
        .open = { 22, 80 },
        .opens = 2,
        .sources = 2,
        .targets = 1,
        .real = 1,
        .flags = WEIR_SCAN_FLAG_DECOYS | WEIR_SCAN_FLAG_REAL,
        .tool = 2,
        .confidence = 95,
        .half_reset = 2,
        .ip_version = 4,
    };

    for (int i = 0; i < 3; i++) {
        __u8 *a = i < 2 ? s.source[i] : s.target[0];

        a[10] = a[11] = 0xff;
        memcpy(a + 12, (const __u8[]){ 192, 0, 2, (__u8)(i + 1) }, 4);
    }
    return s;
}

static void as_json(void **state)
{
    const struct weir_eve_source from = { .pcap_filename = "file.pcap" };
    const struct weir_scan_incident s = decoys();
    struct weir_buf b = { 0 };

    (void)state;
    weir_eve_scan_write(&b, &s, &from);
    weir_buf_add_char(&b, '\0');
    assert_string_equal(
        b.data,
        "{\"timestamp\":\"2026-01-01T10:00:02.000000+0000\",\"pcap_filename\":\"file.pcap\","
        "\"event_type\":\"incident\",\"src_ip\":\"192.0.2.1\",\"dest_ip\":\"192.0.2.3\","
        "\"proto\":\"TCP\",\"weir\":{\"incident\":3,\"state\":\"opened\",\"category\":\"scan\","
        "\"detection\":\"scan.decoy\",\"severity\":\"med\",\"count\":40,"
        "\"first\":\"2026-01-01T10:00:00.000000+0000\",\"scan\":{\"type\":\"syn\","
        "\"shape\":\"vertical\",\"slow\":false,\"outbound\":false,\"decoys\":true,"
        "\"distributed\":false,\"shared\":false,\"sources\":[\"192.0.2.1\",\"192.0.2.2\"],"
        "\"real_source\":\"192.0.2.2\",\"targets\":[\"192.0.2.3\"],\"target_count\":1,"
        "\"ports\":100,\"open_ports\":[22,80],\"duration_s\":2.000,\"rate\":50.000,"
        "\"tool\":\"nmap\",\"confidence\":0.95,\"evidence\":{\"findings\":{\"scan.vertical\":30,"
        "\"scan.decoy\":10},\"failed\":98,\"opened\":0,\"score\":-4,\"half_reset\":2,\"bare\":0,"
        "\"refused\":0,\"proven\":false}}}}\n");
    weir_buf_free(&b);
}

static void as_a_line(void **state)
{
    const struct weir_eve_source from = { 0 };
    struct weir_scan_incident s = decoys();
    struct weir_buf b = { 0 };

    (void)state;
    s.state = WEIR_SCAN_OVER;
    weir_text_scan_write(&b, &s, &from);
    weir_buf_add_char(&b, '\0');
    assert_string_equal(b.data,
                        "2026-01-01T10:00:02.000000  med     scan 3 over: syn scan of 192.0.2.3 by "
                        "192.0.2.1, 192.0.2.2 (real: 192.0.2.2), 100 ports, open 22,80, 2.0 s, "
                        "95 % sure, nmap\n");
    weir_buf_clear(&b);
    s.flags = WEIR_SCAN_FLAG_DISTRIBUTED | WEIR_SCAN_FLAG_SLOW;
    s.spread = 200;
    s.hosts = 7;
    s.tool = 0;
    s.opens = 0;
    weir_scan_describe(&b, &s);
    weir_buf_add_char(&b, '\0');
    assert_string_equal(b.data,
                        "slow syn scan of 192.0.2.3 and more, 7 hosts by 192.0.2.1, 192.0.2.2 and "
                        "more, 200 sources, 100 ports, 2.0 s, 95 % sure");
    weir_buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_json),
        cmocka_unit_test(as_a_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
