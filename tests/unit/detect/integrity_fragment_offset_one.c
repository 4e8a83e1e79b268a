/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void fragment_offset_one(void **state)
{
    (void)state;
    expect_hit("integrity.fragment_offset_one", PACKET(.payload_bytes = 40, .fragment = { 8, 24 }));
    expect_hit(
        "integrity.fragment_offset_one",
        PACKET6(.ip6 = { .ext = { { FRAGMENT } } }, .payload_bytes = 40, .fragment = { 8, 52 }));
    expect_miss("integrity.fragment_offset_one",
                PACKET(.payload_bytes = 40, .fragment = { 16, 24 }));
    expect_miss("integrity.fragment_offset_one",
                PACKET(.payload_bytes = 40, .fragment = { 0, 24 }));
    expect_miss("integrity.fragment_offset_one",
                PACKET(.l4 = L4_UDP, .payload_bytes = 40, .fragment = { 8, 24 }));
}

DETECTION_TEST(fragment_offset_one)
