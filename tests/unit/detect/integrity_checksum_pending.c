/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void checksum_pending(void **state)
{
    /* The pseudo-header's sum, as Linux leaves it to the hardware. */
    __u8 pseudo[] = { 192, 0, 2, 10, 198, 51, 100, 20, 0, 6, 0, 24 };
    __u8 no_length[] = { 192, 0, 2, 10, 198, 51, 100, 20, 0, 6 };
    __u16 large = weir_reference_sum(no_length, sizeof(no_length), 0);
    __u16 sum = weir_reference_sum(pseudo, sizeof(pseudo), 0);

    (void)state;
    expect_hit("integrity.checksum_pending", PACKET(.tcp = { .check = sum }, .payload_bytes = 4));
    expect_miss("integrity.tcp_checksum", PACKET(.tcp = { .check = sum }, .payload_bytes = 4));
    expect_miss("integrity.checksum_pending",
                PACKET(.tcp = { .check = sum + 1 }, .payload_bytes = 4));
    expect_miss("integrity.checksum_pending", PACKET(.tcp = { .check = sum }, .payload_bytes = 5));
    expect_miss("integrity.checksum_pending", PACKET(.payload_bytes = 4));
    /* Large sends leave the length out as well, ordinary segments do not. */
    expect_hit(
        "integrity.checksum_pending",
        PACKET(.ip4 = { .total = EXACTLY(0) }, .tcp = { .check = large }, .payload_bytes = 4000));
    expect_miss("integrity.checksum_pending",
                PACKET(.tcp = { .check = large }, .payload_bytes = 100));
}

DETECTION_TEST(checksum_pending)
