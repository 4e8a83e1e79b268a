/* SPDX-License-Identifier: Apache-2.0 */

/* Who is never banned, from files as kernels and administrators write them, and from nonsense. */

#include "harness/run.h"

#include <stdio.h>
#include <string.h>

#include "engine/never.h"

typedef int (*read_fn)(struct weir_never_set *s, FILE *f);

/* What a reader makes of a text: addresses parted by blanks. */
static const char *read_text(read_fn read, const char *text, char found[512])
{
    FILE *f = fmemopen((void *)text, strlen(text) + 1, "r");
    struct weir_never_set s = { 0 };
    size_t n = 0;

    assert_non_null(f);
    assert_int_equal(read(&s, f), 0);
    (void)fclose(f);
    found[0] = '\0';
    for (size_t i = 0; i < s.n; i++) {
        char addr[WEIR_ADDR_TEXT];

        assert_int_equal(s.v[i].prefix.bits, 128);
        n += (size_t)snprintf(found + n, 512 - n, "%s%s", i ? " " : "",
                              weir_addr_format(s.v[i].prefix.addr, addr));
    }
    weir_never_free(&s);
    return found;
}

static void routes4(void **state)
{
    static const char text[] =
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
        "eth0\t00000000\tFE0200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
        "eth0\t000200C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"
        "eth1\t0000000A\t016433C6\t0003\t0\t0\t0\t000000FF\t0\t0\t0\n"
        "eth1\t00000000\t016433C6\t0003\t0\t0\t200\t00000000\t0\t0\t0\n"
        "ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n"
        "nonsense\n"
        "a b c d e f g h\n"
        "eth0\t00000000\tFE02\t0003\t0\t0\t100\t00000000\t0\t0\t0\n";
    char found[512];

    (void)state;
    assert_string_equal(read_text(weir_never_route4, text, found), "192.0.2.254 198.51.100.1");
    assert_string_equal(read_text(weir_never_route4, "", found), "");
}

static void routes6(void **state)
{
    static const char text[] =
        "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
        "20010db80000000000000000000000fe 00000400 00000001 00000000 00000003     eth0\n"
        "20010db8000000000000000000000000 40 00000000000000000000000000000000 00 "
        "00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0\n"
        "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
        "00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n"
        "00 00 00\n";
    char found[512];

    (void)state;
    assert_string_equal(read_text(weir_never_route6, text, found), "2001:db8::fe");
}

static void resolvers(void **state)
{
    static const char text[] = "# nameserver 192.0.2.9\n"
                               "search example.org\n"
                               "nameserver 192.0.2.53\n"
                               "  nameserver\t2001:db8::53\n"
                               "nameserver fe80::1%eth0\n"
                               "nameserver\n"
                               "nameserver resolver.example.org\n"
                               "nameservers 192.0.2.8\n"
                               "options ndots:1\n";
    char found[512];

    (void)state;
    assert_string_equal(read_text(weir_never_resolvers, text, found),
                        "192.0.2.53 2001:db8::53 fe80::1");
}

/* Established, and by the local port: an outgoing session of ours is none. */
static void sessions(void **state)
{
    static const char text[] =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
        "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0\n"
        "   1: 0A0200C0:0016 076433C6:D431 01 00000000:00000000 02:000A7214 00000000     0\n"
        "   2: 0A0200C0:D432 086433C6:0016 01 00000000:00000000 02:000A7214 00000000     0\n"
        "   3: 0A0200C0:0016 096433C6:D431 06 00000000:00000000 03:00000F4B 00000000     0\n"
        "   4: 0A0200C0:0050 0A6433C6:D431 01 00000000:00000000 02:000A7214 00000000     0\n"
        "   5: 0000000000000000FFFF00000A0200C0:0016 0000000000000000FFFF00000B6433C6:D431 01 0\n"
        "   6: B80D0120000000000000000001000000:0016 B80D0120000000000000000002000000:D431 01 0\n"
        "   7: :0016 :D431 01\n"
        "   8:\n";
    char found[512];

    (void)state;
    assert_string_equal(read_text(weir_never_sessions, text, found),
                        "198.51.100.7 198.51.100.11 2001:db8::2");
}

static void connection(void **state)
{
    static const char *const none[] = { NULL, "", " 1 2 3", "x 1 2 3",
                                        "1234567890123456789012345678901234567890123456789 1" };
    struct weir_never_set s = { 0 };
    char text[WEIR_ADDR_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        assert_int_equal(weir_never_connection(&s, none[i]), 0);
    assert_int_equal(s.n, 0);
    assert_int_equal(weir_never_connection(&s, "192.0.2.7 50000 192.0.2.1 22"), 0);
    assert_int_equal(weir_never_connection(&s, "fe80::7%eth0 50000 fe80::1%eth0 22"), 0);
    assert_int_equal(s.n, 2);
    assert_string_equal(weir_addr_format(s.v[0].prefix.addr, text), "192.0.2.7");
    assert_string_equal(weir_addr_format(s.v[1].prefix.addr, text), "fe80::7");
    weir_never_free(&s);
}

static const struct weir_never *find(const struct weir_never_set *s, const char *prefix)
{
    struct weir_prefix p;

    assert_int_equal(weir_prefix_parse(prefix, &p), 0);
    return weir_never_find(s, &p);
}

static void inside_and_around(void **state)
{
    struct weir_never v[2] = { { .kind = WEIR_NEVER_PREFIX }, { .kind = WEIR_NEVER_GATEWAY } };
    struct weir_never_set s = { .v = v, .n = 2 };

    (void)state;
    assert_int_equal(weir_prefix_parse("198.51.100.0/24", &v[0].prefix), 0);
    assert_int_equal(weir_prefix_parse("192.0.2.254", &v[1].prefix), 0);
    assert_ptr_equal(find(&s, "198.51.100.7"), &v[0]);
    assert_ptr_equal(find(&s, "198.51.100.0/25"), &v[0]);
    assert_ptr_equal(find(&s, "198.51.0.0/16"), &v[0]);
    assert_ptr_equal(find(&s, "192.0.2.254"), &v[1]);
    assert_ptr_equal(find(&s, "192.0.2.0/24"), &v[1]);
    assert_null(find(&s, "192.0.2.253"));
    assert_null(find(&s, "203.0.113.0/24"));
    assert_null(find(&s, "2001:db8::/32"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(routes4),    cmocka_unit_test(routes6),
        cmocka_unit_test(resolvers),  cmocka_unit_test(sessions),
        cmocka_unit_test(connection), cmocka_unit_test(inside_and_around),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
