/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void tcp_length(void **state)
{
    (void)state;
    expect_hit("integrity.tcp_length", PACKET(.tcp = { .doff = 4 }), 16, 20);
    expect_hit("integrity.tcp_length", PACKET(.tcp = { .doff = EXACTLY(0) }), 0, 20);
    expect_hit("integrity.tcp_length", PACKET(.tcp = { .doff = 6 }), 24, 20);
    expect_hit("integrity.tcp_length", PACKET6(.tcp = { .doff = 15 }, .payload_bytes = 39), 60, 59);
    expect_hit("integrity.tcp_length", PACKET(.ip4 = { .total = 39 }), 0, 19);
    /* The faulty IP option before it is not the evidence. */
    expect_hit(
        "integrity.tcp_length",
        PACKET(.ip4 = { .total = 43, .options = OPTIONS(LSRR) }, .tcp = { .flags = WEIR_SYN }), 0,
        15);
    expect_miss("integrity.tcp_length", PACKET(.tcp = { .doff = 15 }, .payload_bytes = 40));
    expect_miss("integrity.tcp_length", PACKET(.fragment = { 0, 16 }));
    expect_miss("integrity.tcp_length",
                PACKET(.fragment = { 0, 24 }, .tcp = { .doff = 8 }, .payload_bytes = 40));
}

DETECTION_TEST(tcp_length)
