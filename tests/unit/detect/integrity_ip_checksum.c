/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void ip_checksum(void **state)
{
    (void)state;
    expect_hit("integrity.ip_checksum", PACKET(.ip4 = { .check = EXACTLY(0) }));
    expect_hit("integrity.ip_checksum", PACKET(.l4 = L4_ICMP, .ip4 = { .check = 0x1234 }));
    expect_hit("integrity.ip_checksum",
               PACKET(.ip4 = { .check = 0x1234, .options = OPTIONS(ROUTER_ALERT) }));
    expect_miss("integrity.ip_checksum", PACKET(.ip4 = { .ttl = 3 }));
    expect_miss("integrity.ip_checksum", PACKET(.ip4 = { .options = OPTIONS(ROUTER_ALERT) }));
    expect_miss("integrity.ip_checksum", PACKET6(.tcp = { .check = 1 }));
}

DETECTION_TEST(ip_checksum)
