/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void ip_length(void **state)
{
    (void)state;
    expect_hit("integrity.ip_length", PACKET(.ip4 = { .ihl = 4 }), 16, 40, 54);
    expect_hit("integrity.ip_length", PACKET(.ip4 = { .ihl = 6, .total = 20 }), 24, 20, 54);
    expect_hit("integrity.ip_length", PACKET(.ip4 = { .ihl = 15 }), 60, 40, 54);
    expect_hit("integrity.ip_length", PACKET(.ip4 = { .total = EXACTLY(0) }), 20, 0, 54);
    expect_hit("integrity.ip_length", PACKET(.l4 = L4_UDP, .ip4 = { .total = 19 }), 20, 19, 42);
    /* Cut on the wire: inside the IP header, inside the TCP header. */
    expect_hit("integrity.ip_length", PACKET(.wire = 24), 0, 0, 24);
    expect_hit("integrity.ip_length", PACKET(.wire = 44), 20, 40, 44);
    /* The capture cut it, not the sender. */
    expect_miss("integrity.ip_length", PACKET(.cap = 24));
    expect_miss("integrity.ip_length", PACKET(.trailer_bytes = 6));
    /* Segmentation offload leaves the length to the hardware. */
    expect_miss("integrity.ip_length",
                PACKET(.ip4 = { .total = EXACTLY(0) }, .payload_bytes = 4000));
}

DETECTION_TEST(ip_length)
