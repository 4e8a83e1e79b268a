/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void ack_without_flag(void **state)
{
    (void)state;
    expect_hit("integrity.ack_without_flag", PACKET(.tcp = { .flags = WEIR_SYN, .ack = 7 }));
    expect_hit("integrity.ack_without_flag", PACKET6(.tcp = { .flags = WEIR_RST, .ack = 7 }));
    expect_miss("integrity.ack_without_flag", PACKET(.tcp = { .flags = WEIR_SYN }));
    expect_miss("integrity.ack_without_flag", PACKET(.tcp = { .flags = WEIR_ACK, .ack = 7 }));
}

DETECTION_TEST(ack_without_flag)
