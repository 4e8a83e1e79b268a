/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void ip6_rh0(void **state)
{
    (void)state;
    expect_hit("integrity.ip6_rh0",
               PACKET6(.ip6 = { .sum_dst = "2001:db8:9::9",
                                .ext = { { ROUTING, BYTES(0, 1, 0, 0, 0, 0, 0x20, 1, 0xd, 0xb8, 0,
                                                          9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9) } } }));
    /* Of any protocol, also with no segment left. */
    expect_hit("integrity.ip6_rh0",
               PACKET6(.l4 = L4_ICMP, .ip6 = { .ext = { { ROUTING, BYTES(0, 0) } } }));
    expect_miss("integrity.ip6_rh0", PACKET6(.ip6 = { .ext = { { ROUTING, BYTES(2, 0) } } }));
    expect_miss("integrity.ip6_rh0", PACKET6(.ip6 = { .ext = { { ROUTING, BYTES(4, 0) } } }));
    expect_miss("integrity.ip6_rh0", PACKET6(.ip6 = { .ext = { { DSTOPTS, BYTES(0, 0) } } }));
}

DETECTION_TEST(ip6_rh0)
