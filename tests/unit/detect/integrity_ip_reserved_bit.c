/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void ip_reserved_bit(void **state)
{
    (void)state;
    expect_hit("integrity.ip_reserved_bit", PACKET(.ip4 = { .field = 0x8000 }));
    expect_hit("integrity.ip_reserved_bit", PACKET(.ip4 = { .field = 0xc000 }, .l4 = L4_UDP));
    expect_miss("integrity.ip_reserved_bit", PACKET(.ip4 = { .field = 0x4000 }));
    expect_miss("integrity.ip_reserved_bit",
                PACKET(.ip4 = { .field = 0x2000 }, .payload_bytes = 4));
    expect_miss("integrity.ip_reserved_bit", PACKET6(.payload_bytes = 4));
}

DETECTION_TEST(ip_reserved_bit)
