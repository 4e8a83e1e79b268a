/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void port_zero(void **state)
{
    (void)state;
    expect_hit("integrity.port_zero", PACKET(.tcp = { .sport = EXACTLY(0) }));
    expect_hit("integrity.port_zero", PACKET6(.tcp = { .dport = EXACTLY(0), .flags = WEIR_SYN }));
    expect_hit("integrity.port_zero", PACKET(.tcp = { .dport = EXACTLY(0), .flags = WEIR_RST }));
    expect_noted("integrity.port_zero",
                 PACKET(.tcp = { .sport = EXACTLY(0), .flags = WEIR_RST | WEIR_ACK }));
    expect_miss("integrity.port_zero", PACKET(.tcp = { .sport = 1, .dport = 256 }));
    expect_miss("integrity.port_zero", PACKET(.l4 = L4_UDP, .udp = { .sport = EXACTLY(0) }));
    expect_miss("integrity.port_zero", PACKET(.payload_bytes = 40, .fragment = { 16, 24 }));
}

DETECTION_TEST(port_zero)
