/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void martian_source(void **state)
{
    static const char *const martian4[] = { "127.0.0.1",       "0.1.2.3",   "224.0.0.1",
                                            "255.255.255.255", "240.0.0.1", "169.254.7.7" };
    static const char *const martian6[] = { "::", "::1", "ff02::1", "::ffff:192.0.2.1", "fec0::1" };
    static const char *const ordinary4[] = { "10.0.0.1",  "192.168.1.1", "126.255.255.255",
                                             "128.0.0.1", "169.253.1.1", "223.255.255.255" };
    static const char *const ordinary6[] = { "fe80::1", "fd00::1", "2001:db8::1",
                                             "64:ff9b::c000:201" };

    (void)state;
    for (size_t i = 0; i < sizeof(martian4) / sizeof(*martian4); i++)
        expect_hit("integrity.martian_source",
                   PACKET(.ip4 = { .src = martian4[i] }, .tcp = { .flags = WEIR_SYN }));
    for (size_t i = 0; i < sizeof(martian6) / sizeof(*martian6); i++)
        expect_hit("integrity.martian_source", PACKET6(.ip6 = { .src = martian6[i] }));
    for (size_t i = 0; i < sizeof(ordinary4) / sizeof(*ordinary4); i++)
        expect_miss("integrity.martian_source",
                    PACKET(.ip4 = { .src = ordinary4[i] }, .tcp = { .flags = WEIR_SYN }));
    for (size_t i = 0; i < sizeof(ordinary6) / sizeof(*ordinary6); i++)
        expect_miss("integrity.martian_source", PACKET6(.ip6 = { .src = ordinary6[i] }));
    /* Ordinary where they belong: DHCP, loopback, a cloud's metadata service, its own link. */
    expect_miss("integrity.martian_source", PACKET(.l4 = L4_UDP, .ip4 = { .src = "0.0.0.0" }));
    expect_miss("integrity.martian_source",
                PACKET(.eth = { .loopback = true }, .ip4 = { .src = "127.0.0.1" }));
    expect_miss("integrity.martian_source", PACKET(.ip4 = { .src = "169.254.169.254" },
                                                   .tcp = { .flags = WEIR_SYN | WEIR_ACK }));
    expect_miss("integrity.martian_source",
                PACKET(.ip4 = { .src = "169.254.1.1", .dst = "169.254.1.2" },
                       .tcp = { .flags = WEIR_SYN }));
}

DETECTION_TEST(martian_source)
