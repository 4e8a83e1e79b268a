/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void ip_version(void **state)
{
    (void)state;
    expect_hit("integrity.ip_version", PACKET(.ip4 = { .version = 6 }), 6);
    expect_hit("integrity.ip_version", PACKET(.ip4 = { .version = EXACTLY(0) }, .l4 = L4_UDP), 0);
    expect_hit("integrity.ip_version", PACKET6(.ip6 = { .version = 4 }), 4);
    expect_hit("integrity.ip_version", PACKET(.eth = { .type = 0x86dd }), 4);
    expect_miss("integrity.ip_version", PACKET(.ip4 = { .version = 4 }));
    expect_miss("integrity.ip_version", PACKET6(.ip6 = { .version = 6 }));
    expect_miss("integrity.ip_version", PACKET(.eth = { .type = 0x0806 }));
}

DETECTION_TEST(ip_version)
