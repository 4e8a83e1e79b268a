/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void fragment_atomic(void **state)
{
    (void)state;
    expect_hit("integrity.fragment_atomic", PACKET6(.ip6 = { .ext = { { FRAGMENT } } }));
    expect_hit("integrity.fragment_atomic",
               PACKET6(.l4 = L4_UDP, .ip6 = { .ext = { { HOPOPTS }, { FRAGMENT } } }));
    expect_miss("integrity.fragment_atomic", PACKET6(.ip6 = { .ext = { { FRAGMENT } } },
                                                     .payload_bytes = 40, .fragment = { 0, 24 }));
    expect_miss("integrity.fragment_atomic", PACKET6(.ip6 = { .ext = { { FRAGMENT } } },
                                                     .payload_bytes = 40, .fragment = { 24, 36 }));
    expect_miss("integrity.fragment_atomic", PACKET(.payload_bytes = 40));
}

DETECTION_TEST(fragment_atomic)
