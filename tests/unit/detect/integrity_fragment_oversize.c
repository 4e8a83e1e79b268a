/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void fragment_oversize(void **state)
{
    (void)state;
    /* Offset in units of 8 bytes: 8191 is byte 65528. */
    expect_hit("integrity.fragment_oversize",
               PACKET(.ip4 = { .field = 8191 }, .l4 = L4_OTHER, .proto = 17, .payload_bytes = 16),
               20 + 65544);
    /* The reassembled packet has a header too: ping -l 65510 ends at 65518 + 20. */
    expect_hit("integrity.fragment_oversize",
               PACKET(.ip4 = { .field = 8140 }, .l4 = L4_OTHER, .proto = 1, .payload_bytes = 398),
               20 + 65518);
    expect_hit("integrity.fragment_oversize",
               PACKET6(.ip6 = { .ext = { { FRAGMENT, BYTES(0xff, 0xf8, 0, 0, 0, 1) } } },
                       .l4 = L4_OTHER, .proto = 58, .payload_bytes = 8),
               65536);
    /* The largest that is legal. */
    expect_miss("integrity.fragment_oversize", PACKET(.ip4 = { .field = 8140 }, .l4 = L4_OTHER,
                                                      .proto = 17, .payload_bytes = 395));
    expect_miss("integrity.fragment_oversize",
                PACKET6(.ip6 = { .ext = { { FRAGMENT, BYTES(0xff, 0xf8, 0, 0, 0, 1) } } },
                        .l4 = L4_OTHER, .proto = 58, .payload_bytes = 7));
    expect_miss("integrity.fragment_oversize", PACKET(.payload_bytes = 1400));
}

DETECTION_TEST(fragment_oversize)
