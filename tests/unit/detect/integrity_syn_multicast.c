/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void syn_multicast(void **state)
{
    (void)state;
    expect_hit("integrity.syn_multicast",
               PACKET(.ip4 = { .dst = "224.0.0.1" }, .tcp = { .flags = WEIR_SYN }));
    expect_hit("integrity.syn_multicast",
               PACKET(.ip4 = { .dst = "255.255.255.255" }, .tcp = { .flags = WEIR_SYN }));
    expect_hit("integrity.syn_multicast",
               PACKET6(.ip6 = { .dst = "ff02::1" }, .tcp = { .flags = WEIR_SYN }));
    expect_miss("integrity.syn_multicast", PACKET(.ip4 = { .dst = "224.0.0.1" }));
    expect_miss("integrity.syn_multicast", PACKET(.l4 = L4_UDP, .ip4 = { .dst = "224.0.0.251" }));
    expect_miss("integrity.syn_multicast",
                PACKET(.ip4 = { .dst = "223.255.255.255" }, .tcp = { .flags = WEIR_SYN }));
}

DETECTION_TEST(syn_multicast)
