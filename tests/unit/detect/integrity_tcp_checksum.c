/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void tcp_checksum(void **state)
{
    (void)state;
    expect_hit("integrity.tcp_checksum", PACKET(.tcp = { .check = 0x1234 }));
    expect_hit("integrity.tcp_checksum", PACKET6(.tcp = { .check = 0x1234 }, .payload_bytes = 7));
    expect_hit("integrity.tcp_checksum", PACKET(.ip4 = { .ah = 24 }, .tcp = { .check = 1 }));
    expect_miss("integrity.tcp_checksum", PACKET(.payload_bytes = 1459));
    expect_miss("integrity.tcp_checksum", PACKET6(.payload_bytes = 1439));
    expect_miss("integrity.tcp_checksum", PACKET(.ip4 = { .ah = 24 }, .payload_bytes = 3));
    /* Padding of the frame is not covered. */
    expect_miss("integrity.tcp_checksum", PACKET(.trailer = BYTES(1, 2, 3, 4, 5, 6)));
    /* Not all bytes are here. */
    expect_miss("integrity.tcp_checksum",
                PACKET(.tcp = { .check = 1 }, .payload_bytes = 64, .fragment = { 0, 40 }));
    expect_miss("integrity.tcp_checksum",
                PACKET(.tcp = { .check = 1 }, .payload_bytes = 64, .cap = 100));
    expect_miss("integrity.tcp_checksum",
                PACKET(.tcp = { .check = 1 }, .payload_bytes = 64, .wire = 100));
    /* A source route: the pseudo-header has its last address. */
    expect_miss("integrity.tcp_checksum",
                PACKET(.ip4 = { .options = OPTIONS(LSRR) }, .tcp = { .check = 1 }));
    /* Routing headers and home addresses: the pseudo-header has the final ones (RFC 8200 8.1). */
    expect_miss("integrity.tcp_checksum",
                PACKET6(.ip6 = { .sum_dst = "2001:db8:9::9",
                                 .ext = { { ROUTING, BYTES(2, 1, 0, 0, 0, 0, 0x20, 1, 0xd, 0xb8, 0,
                                                           9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9) } } }));
    expect_miss(
        "integrity.tcp_checksum",
        PACKET6(.ip6 = { .sum_src = "2001:db8:9::9",
                         .ext = { { DSTOPTS, BYTES(1, 2, 0, 0, 201, 16, 0x20, 1, 0xd, 0xb8, 0, 9, 0,
                                                   0, 0, 0, 0, 0, 0, 0, 0, 9) } } }));
}

DETECTION_TEST(tcp_checksum)
