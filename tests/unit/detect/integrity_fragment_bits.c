/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void fragment_bits(void **state)
{
    (void)state;
    expect_hit("integrity.fragment_bits",
               PACKET(.ip4 = { .field = 0x4000 | 3 }, .payload_bytes = 40, .fragment = { 24, 36 }),
               24, 36);
    expect_hit("integrity.fragment_bits", PACKET(.ip4 = { .field = 0x2000 }, .payload_bytes = 3), 0,
               23);
    expect_hit("integrity.fragment_bits", PACKET(.ip4 = { .field = 5, .total = 20 }), 40, 0);
    expect_hit("integrity.fragment_bits",
               PACKET6(.ip6 = { .ext = { { FRAGMENT, BYTES(0, 1) } } }, .payload_bytes = 3), 0, 23);
    /* "These do indeed happen" (Zeek). */
    expect_noted("integrity.fragment_bits",
                 PACKET(.ip4 = { .field = 0x6000 }, .payload_bytes = 40, .fragment = { 0, 24 }));
    expect_miss("integrity.fragment_bits", PACKET(.payload_bytes = 40, .fragment = { 0, 24 }));
    expect_miss("integrity.fragment_bits", PACKET(.payload_bytes = 39, .fragment = { 24, 35 }));
    expect_miss("integrity.fragment_bits",
                PACKET(.l4 = L4_UDP, .ip4 = { .field = 0x2000 }, .payload_bytes = 3));
    /* A header in front of TCP is part of the fragment's length: 28 + 20 + 40 bytes. */
    expect_miss("integrity.fragment_bits",
                PACKET(.ip4 = { .ah = 28, .field = 0x2000 }, .payload_bytes = 40));
}

DETECTION_TEST(fragment_bits)
