/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void fragment_tcp(void **state)
{
    (void)state;
    expect_hit("integrity.fragment_tcp", PACKET(.payload_bytes = 40, .fragment = { 0, 24 }), 0);
    expect_hit("integrity.fragment_tcp", PACKET(.payload_bytes = 40, .fragment = { 24, 36 }), 24);
    expect_hit(
        "integrity.fragment_tcp",
        PACKET6(.ip6 = { .ext = { { FRAGMENT } } }, .payload_bytes = 40, .fragment = { 24, 8 }),
        24);
    expect_miss("integrity.fragment_tcp",
                PACKET(.l4 = L4_UDP, .payload_bytes = 40, .fragment = { 0, 24 }));
    expect_miss("integrity.fragment_tcp", PACKET(.ip4 = { .field = 0x4000 }));
    expect_miss("integrity.fragment_tcp", PACKET6(.ip6 = { .ext = { { FRAGMENT } } }));
}

DETECTION_TEST(fragment_tcp)
