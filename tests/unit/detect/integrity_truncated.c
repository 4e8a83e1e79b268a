/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void truncated(void **state)
{
    (void)state;
    expect_hit("integrity.truncated", PACKET(.payload_bytes = 100, .wire = 100), 140, 100);
    expect_hit("integrity.truncated", PACKET6(.payload_bytes = 100, .wire = 100), 160, 100);
    expect_hit("integrity.truncated", PACKET(.ip4 = { .total = 41 }), 41, 54);
    expect_miss("integrity.truncated", PACKET(.payload_bytes = 100, .cap = 100));
    expect_miss("integrity.truncated", PACKET(.payload_bytes = 100, .trailer_bytes = 4));
    expect_miss("integrity.truncated", PACKET(.l4 = L4_UDP, .payload_bytes = 100, .wire = 100));
    /* Cut inside the TCP header: integrity.ip_length. */
    expect_miss("integrity.truncated", PACKET(.wire = 50));
    expect_miss("integrity.truncated", PACKET6(.wire = 70));
}

DETECTION_TEST(truncated)
