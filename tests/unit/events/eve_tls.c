/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include <jansson.h>
#include <string.h>

#include "base/addr.h"
#include "events/eve_tls.h"

static const struct weir_eve_source file = { .pcap_filename = "file.pcap" };

static struct weir_tls_event event(void)
{
    struct weir_tls_event ev = {
        .from = { .ts_ns = 1795407712123456789, .packet = 4, .sport = 50000, .dport = 443 },
        .version = 0x0304,
        .name_len = 11,
        .alpn_len = 12,
        .name = "example.com",
        .ja3 = "ada70206e40642a3e4461f35503241d5",
        .ja4 = "t13d1516h2_8daaf6152771_e5627efa2ab1"
    };

    memcpy(ev.alpn, "\x02h2\x08http/1.1", 12);
    assert_int_equal(weir_addr_parse("192.0.2.1", ev.from.src), 0);
    assert_int_equal(weir_addr_parse("2001:db8::1", ev.from.dst), 0);
    return ev;
}

static void as_json(void **state)
{
    struct weir_tls_event ev = event();
    struct weir_buf b = { 0 };
    json_t *o;

    (void)state;
    weir_eve_tls_write(&b, &ev, &file);
    assert_int_equal(b.data[b.len - 1], '\n');
    o = json_loadb(b.data, b.len, 0, NULL);
    assert_non_null(o);
    assert_string_equal(json_string_value(json_object_get(o, "event_type")), "tls");
    assert_int_equal(json_integer_value(json_object_get(o, "pcap_cnt")), 4);
    json_decref(o);
    weir_buf_add(&b, "", 1);
    assert_non_null(
        strstr(b.data, "\"src_ip\":\"192.0.2.1\",\"src_port\":50000,\"dest_ip\":\"2001:db8::1\","
                       "\"dest_port\":443,\"proto\":\"TCP\",\"tls\":{\"sni\":\"example.com\","
                       "\"client_alpns\":[\"h2\",\"http/1.1\"],"
                       "\"ja3\":{\"hash\":\"ada70206e40642a3e4461f35503241d5\"},"
                       "\"ja4\":\"t13d1516h2_8daaf6152771_e5627efa2ab1\"},"
                       "\"weir\":{\"offered_version\":\"TLS 1.3\"}}"));
    weir_buf_free(&b);
}

/* Nothing that is not there, nothing that a terminal would obey, no list beyond its end. */
static void hostile_names(void **state)
{
    struct weir_tls_event ev = event();
    struct weir_buf b = { 0 };
    json_t *o;

    (void)state;
    memcpy(ev.name, "\x1b[2J\xff\n\"x", 8);
    ev.name_len = 8;
    ev.alpn[3] = 200;
    ev.ja3[0] = '\0';
    weir_eve_tls_write(&b, &ev, &file);
    o = json_loadb(b.data, b.len, 0, NULL);
    assert_non_null(o);
    assert_int_equal(json_array_size(json_object_get(json_object_get(o, "tls"), "client_alpns")),
                     1);
    assert_null(json_object_get(json_object_get(o, "tls"), "ja3"));
    json_decref(o);
    weir_buf_clear(&b);
    ev.version = 0x1234;
    weir_text_tls_write(&b, &ev, &file);
    weir_buf_add(&b, "", 1);
    assert_null(strchr(b.data, 0x1b));
    assert_non_null(strstr(b.data, "  name ?[2J??\"x  alpn h2  ja4 t13d1516h2"));
    assert_non_null(strstr(b.data, "tls   unknown"));
    weir_buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_json),
        cmocka_unit_test(hostile_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
