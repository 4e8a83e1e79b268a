/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void xmas(void **state)
{
    (void)state;
    expect_hit("scan.xmas", PACKET(.tcp = { .flags = WEIR_FIN | WEIR_PSH | WEIR_URG }));
    expect_hit("scan.xmas", PACKET(.tcp = { .flags = 0xff }));
    expect_hit("scan.xmas", PACKET6(.tcp = { .flags = WEIR_FIN | WEIR_PSH | WEIR_URG }));
    expect_miss("scan.xmas", PACKET(.tcp = { .flags = WEIR_FIN | WEIR_PSH }));
    /* Legal: the last urgent data of a connection. */
    expect_miss("scan.xmas",
                PACKET(.tcp = { .flags = WEIR_FIN | WEIR_PSH | WEIR_URG | WEIR_ACK, .urgent = 1 },
                       .payload_bytes = 1));
    expect_miss("scan.xmas", PACKET(.l4 = L4_UDP));
}

DETECTION_TEST(xmas)
