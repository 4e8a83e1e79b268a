/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void fragment_tiny(void **state)
{
    (void)state;
    /* nmap -f: a SYN of 24 bytes as 8 + 8 + 8. */
    expect_hit(
        "integrity.fragment_tiny",
        PACKET(.tcp = { .flags = WEIR_SYN, .options = OPTIONS(MSS(1460)) }, .fragment = { 0, 8 }),
        8);
    /* The flags are in it, the header is not whole. */
    expect_hit(
        "integrity.fragment_tiny",
        PACKET(.tcp = { .flags = WEIR_SYN, .options = OPTIONS(MSS(1460)) }, .fragment = { 0, 16 }),
        16);
    expect_hit(
        "integrity.fragment_tiny",
        PACKET6(.ip6 = { .ext = { { FRAGMENT } } }, .payload_bytes = 40, .fragment = { 0, 8 }), 8);
    expect_miss("integrity.fragment_tiny", PACKET(.payload_bytes = 40, .fragment = { 0, 24 }));
    expect_miss("integrity.fragment_tiny", PACKET(.payload_bytes = 40, .fragment = { 16, 8 }));
    expect_miss("integrity.fragment_tiny",
                PACKET(.l4 = L4_UDP, .payload_bytes = 40, .fragment = { 0, 8 }));
    expect_miss("integrity.fragment_tiny",
                PACKET6(.ip6 = { .ext = { { FRAGMENT } } }, .payload_bytes = 4));
}

DETECTION_TEST(fragment_tiny)
