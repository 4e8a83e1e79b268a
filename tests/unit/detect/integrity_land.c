/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void land(void **state)
{
    (void)state;
    expect_hit("integrity.land", PACKET(.ip4 = { .src = "192.0.2.1", .dst = "192.0.2.1" },
                                        .tcp = { .sport = 139, .dport = 139, .flags = WEIR_SYN }));
    expect_hit("integrity.land", PACKET6(.ip6 = { .src = "2001:db8::1", .dst = "2001:db8::1" },
                                         .tcp = { .sport = 80, .dport = 80 }));
    expect_miss("integrity.land", PACKET(.ip4 = { .src = "192.0.2.1", .dst = "192.0.2.1" },
                                         .tcp = { .sport = 139, .dport = 140 }));
    expect_miss("integrity.land", PACKET(.tcp = { .sport = 139, .dport = 139 }));
    /* A socket that connects to itself. */
    expect_miss("integrity.land", PACKET(.eth = { .loopback = true },
                                         .ip4 = { .src = "127.0.0.1", .dst = "127.0.0.1" },
                                         .tcp = { .sport = 5000, .dport = 5000 }));
    expect_miss("integrity.land",
                PACKET6(.ip6 = { .src = "2001:db8:0:1::1", .dst = "2001:db8:0:2::1" },
                        .tcp = { .sport = 80, .dport = 80 }));
}

DETECTION_TEST(land)
