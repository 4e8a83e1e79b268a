/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void no_flags(void **state)
{
    (void)state;
    expect_hit("integrity.no_flags", PACKET(.tcp = { .flags = NO_FLAGS }));
    expect_hit("integrity.no_flags", PACKET(.tcp = { .flags = WEIR_PSH }, .payload_bytes = 9));
    expect_hit("integrity.no_flags", PACKET6(.tcp = { .flags = WEIR_FIN | WEIR_PSH | WEIR_URG }));
    expect_miss("integrity.no_flags", PACKET(.tcp = { .flags = WEIR_SYN }));
    expect_miss("integrity.no_flags", PACKET(.tcp = { .flags = WEIR_ACK }));
    expect_miss("integrity.no_flags", PACKET(.tcp = { .flags = WEIR_RST }));
}

DETECTION_TEST(no_flags)
