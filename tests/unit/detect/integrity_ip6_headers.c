/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static const __u8 zeros[300];
#define LONG                                                                                       \
    {                                                                                              \
        zeros, 254                                                                                 \
    }
#define HALF                                                                                       \
    {                                                                                              \
        zeros, 174                                                                                 \
    }

static void ip6_headers(void **state)
{
    (void)state;
    expect_hit("integrity.ip6_headers", PACKET6(.ip6 = { .ext = { { HOPOPTS }, { HOPOPTS } } }), 0,
               2);
    expect_hit("integrity.ip6_headers", PACKET6(.ip6 = { .ext = { { DSTOPTS }, { HOPOPTS } } }), 0,
               2);
    expect_hit("integrity.ip6_headers",
               PACKET6(.ip6 = { .ext = { { DSTOPTS }, { DSTOPTS }, { DSTOPTS } } }), 60, 3);
    expect_hit("integrity.ip6_headers", PACKET6(.ip6 = { .ext = { { AUTH }, { AUTH } } }), 51, 2);
    /* The ninth header. */
    expect_hit("integrity.ip6_headers",
               PACKET6(.ip6 = { .ext = { { HOPOPTS },
                                         { DSTOPTS },
                                         { ROUTING, BYTES(2, 0) },
                                         { FRAGMENT },
                                         { AUTH },
                                         { DSTOPTS },
                                         { 139 },
                                         { 140 },
                                         { 135 } } }),
               135, 8);
    /* Beyond the window: the header, or only TCP behind it. */
    expect_hit("integrity.ip6_headers", PACKET6(.ip6 = { .ext = { { DSTOPTS, .body = LONG } } }),
               60, 1);
    expect_hit("integrity.ip6_headers",
               PACKET6(.ip6 = { .ext = { { DSTOPTS, .body = HALF }, { AUTH } } }), 6, 2);
    /* Options of TCP hidden behind the window. */
    expect_hit("integrity.ip6_headers",
               PACKET6(.ip6 = { .ext = { { DSTOPTS, .body = HALF } } },
                       .tcp = { .options = OPTIONS(MSS(1), MSS(2)) }, .payload_bytes = 40),
               6, 1);
    /* The chain goes on in the next fragment (RFC 7112). */
    expect_hit("integrity.ip6_headers",
               PACKET6(.ip6 = { .ext = { { FRAGMENT, BYTES(0, 1) }, { DSTOPTS, .len = 9 } } }), 60,
               2);
    expect_miss("integrity.ip6_headers", PACKET6(.ip6 = { .ext = { { HOPOPTS },
                                                                   { DSTOPTS },
                                                                   { ROUTING, BYTES(2, 0) },
                                                                   { FRAGMENT },
                                                                   { AUTH },
                                                                   { DSTOPTS } } }));
    expect_miss("integrity.ip6_headers", PACKET6(.ip6 = { .ext = { { HOPOPTS } } }));
    /* The capture's snap length. */
    expect_miss("integrity.ip6_headers",
                PACKET6(.ip6 = { .ext = { { DSTOPTS, .body = HALF }, { AUTH } } }, .cap = 200));
}

DETECTION_TEST(ip6_headers)
