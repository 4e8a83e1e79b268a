/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void ttl(void **state)
{
    (void)state;
    expect_hit("integrity.ttl", PACKET(.ip4 = { .ttl = EXACTLY(0) }), 0);
    expect_hit("integrity.ttl", PACKET6(.ip6 = { .hops = EXACTLY(0) }), 0);
    expect_noted("integrity.ttl", PACKET(.ip4 = { .ttl = 1 }));
    expect_noted("integrity.ttl", PACKET6(.ip6 = { .hops = 1 }));
    expect_miss("integrity.ttl", PACKET(.ip4 = { .ttl = 2 }));
    expect_miss("integrity.ttl", PACKET(.ip4 = { .ttl = EXACTLY(0) }, .l4 = L4_UDP));
    expect_miss("integrity.ttl", PACKET6(.ip6 = { .hops = 255 }));
}

DETECTION_TEST(ttl)
