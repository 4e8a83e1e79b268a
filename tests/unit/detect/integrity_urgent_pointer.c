/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void urgent_pointer(void **state)
{
    (void)state;
    expect_hit("integrity.urgent_pointer", PACKET(.tcp = { .flags = WEIR_ACK | WEIR_URG }), 0, 0);
    expect_hit("integrity.urgent_pointer",
               PACKET(.tcp = { .flags = WEIR_ACK | WEIR_URG, .urgent = 5 }, .payload_bytes = 4), 5,
               4);
    expect_hit("integrity.urgent_pointer", PACKET6(.tcp = { .urgent = 1 }, .payload_bytes = 4), 1,
               4);
    expect_miss("integrity.urgent_pointer",
                PACKET(.tcp = { .flags = WEIR_ACK | WEIR_URG, .urgent = 4 }, .payload_bytes = 4));
    expect_miss("integrity.urgent_pointer", PACKET(.payload_bytes = 4));
    expect_miss("integrity.urgent_pointer",
                PACKET(.tcp = { .urgent = 7 }, .payload_bytes = 40, .fragment = { 24, 8 }));
}

DETECTION_TEST(urgent_pointer)
