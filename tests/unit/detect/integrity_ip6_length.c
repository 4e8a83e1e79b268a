/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void ip6_length(void **state)
{
    (void)state;
    expect_hit("integrity.ip6_length", PACKET6(.wire = 30), 0, 30);
    expect_hit("integrity.ip6_length", PACKET6(.wire = 60), 20, 60);
    expect_hit("integrity.ip6_length",
               PACKET6(.ip6 = { .ext = { { HOPOPTS } }, .payload = 4 }, .trailer_bytes = 20), 4,
               102);
    /* An extension header that says it is longer than the packet. */
    expect_hit("integrity.ip6_length", PACKET6(.ip6 = { .ext = { { DSTOPTS, .len = 30 } } }), 28,
               82);
    expect_miss("integrity.ip6_length", PACKET6(.trailer_bytes = 2));
    expect_miss("integrity.ip6_length", PACKET6(.cap = 30));
    expect_miss("integrity.ip6_length", PACKET6(.ip6 = { .ext = { { HOPOPTS } } }));
    /* A jumbogram: payload length 0, the option has the length (RFC 2675). */
    expect_miss("integrity.ip6_length",
                PACKET6(.ip6 = { .payload = EXACTLY(0),
                                 .ext = { { HOPOPTS, BYTES(0xc2, 4, BE32(70028)) } } },
                        .payload_bytes = 70000));
}

DETECTION_TEST(ip6_length)
