/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void tcp_option_duplicate(void **state)
{
    (void)state;
    expect_hit("integrity.tcp_option_duplicate",
               PACKET(.tcp = { .flags = WEIR_SYN, .options = OPTIONS(MSS(1460), MSS(536)) }), 2);
    expect_hit("integrity.tcp_option_duplicate",
               PACKET6(.tcp = { .options = OPTIONS(NOP, NOP, TS(1, 2), NOP, NOP, TS(3, 4)) }), 8);
    /* Both encodings of Fast Open. */
    expect_hit(
        "integrity.tcp_option_duplicate",
        PACKET(.tcp = { .flags = WEIR_SYN, .options = OPTIONS(TFO_OLD_REQUEST, TFO_REQUEST) }), 34);
    expect_miss("integrity.tcp_option_duplicate",
                PACKET(.tcp = { .flags = WEIR_SYN,
                                .options = OPTIONS(MSS(1460), SACK_OK, TS(1, 0), NOP, WS(7)) }));
    expect_miss("integrity.tcp_option_duplicate",
                PACKET(.tcp = { .options = OPTIONS(NOP, NOP, NOP, NOP) }));
    /* Subtypes of MPTCP. */
    expect_miss("integrity.tcp_option_duplicate",
                PACKET(.tcp = { .options = OPTIONS(MPTCP_CAPABLE, MPTCP_CAPABLE) }));
}

DETECTION_TEST(tcp_option_duplicate)
