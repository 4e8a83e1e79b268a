/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

#include <arpa/inet.h>

static __u8 class4(const char *text)
{
    struct in_addr a;

    assert_int_equal(inet_pton(AF_INET, text, &a), 1);
    return weir_addr4_class(ntohl(a.s_addr));
}

static __u8 class6(const char *text)
{
    __u32 w[4];

    assert_int_equal(inet_pton(AF_INET6, text, w), 1);
    return weir_addr6_class(ntohl(w[0]), ntohl(w[1]), ntohl(w[2]), ntohl(w[3]));
}

/* First and last address of each block, and their neighbours. */
static void classes_of_ip4(void **state)
{
    (void)state;
    assert_int_equal(class4("0.0.0.0"), WEIR_ADDR_RESERVED);
    assert_int_equal(class4("0.255.255.255"), WEIR_ADDR_RESERVED);
    assert_int_equal(class4("1.0.0.0"), WEIR_ADDR_UNICAST);
    assert_int_equal(class4("126.255.255.255"), WEIR_ADDR_UNICAST);
    assert_int_equal(class4("127.0.0.0"), WEIR_ADDR_LOOPBACK);
    assert_int_equal(class4("127.255.255.255"), WEIR_ADDR_LOOPBACK);
    assert_int_equal(class4("128.0.0.0"), WEIR_ADDR_UNICAST);
    assert_int_equal(class4("169.253.255.255"), WEIR_ADDR_UNICAST);
    assert_int_equal(class4("169.254.0.0"), WEIR_ADDR_LINK_LOCAL);
    assert_int_equal(class4("169.254.255.255"), WEIR_ADDR_LINK_LOCAL);
    assert_int_equal(class4("169.255.0.0"), WEIR_ADDR_UNICAST);
    assert_int_equal(class4("192.0.2.1"), WEIR_ADDR_UNICAST);
    assert_int_equal(class4("223.255.255.255"), WEIR_ADDR_UNICAST);
    assert_int_equal(class4("224.0.0.0"), WEIR_ADDR_GROUP);
    assert_int_equal(class4("239.255.255.255"), WEIR_ADDR_GROUP);
    assert_int_equal(class4("240.0.0.0"), WEIR_ADDR_RESERVED);
    assert_int_equal(class4("255.255.255.254"), WEIR_ADDR_RESERVED);
    assert_int_equal(class4("255.255.255.255"), WEIR_ADDR_GROUP);
}

static void classes_of_ip6(void **state)
{
    (void)state;
    assert_int_equal(class6("::"), WEIR_ADDR_RESERVED);
    assert_int_equal(class6("::1"), WEIR_ADDR_LOOPBACK);
    assert_int_equal(class6("::2"), WEIR_ADDR_UNICAST);
    assert_int_equal(class6("::ffff:192.0.2.1"), WEIR_ADDR_RESERVED);
    assert_int_equal(class6("::fffe:192.0.2.1"), WEIR_ADDR_UNICAST);
    assert_int_equal(class6("0:0:1::"), WEIR_ADDR_UNICAST);
    assert_int_equal(class6("2001:db8::1"), WEIR_ADDR_UNICAST);
    assert_int_equal(class6("64:ff9b::192.0.2.1"), WEIR_ADDR_UNICAST);
    assert_int_equal(class6("fd00::1"), WEIR_ADDR_UNICAST);
    assert_int_equal(class6("fe80::1"), WEIR_ADDR_UNICAST);
    assert_int_equal(class6("febf:ffff::"), WEIR_ADDR_UNICAST);
    assert_int_equal(class6("fec0::"), WEIR_ADDR_RESERVED);
    assert_int_equal(class6("feff:ffff::"), WEIR_ADDR_RESERVED);
    assert_int_equal(class6("ff00::"), WEIR_ADDR_GROUP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_of_ip4),
        cmocka_unit_test(classes_of_ip6),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
