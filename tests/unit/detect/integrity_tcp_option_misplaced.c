/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void tcp_option_misplaced(void **state)
{
    (void)state;
    expect_hit("integrity.tcp_option_misplaced", PACKET(.tcp = { .options = OPTIONS(MSS(1460)) }),
               2, 1460);
    expect_hit("integrity.tcp_option_misplaced", PACKET(.tcp = { .options = OPTIONS(NOP, WS(7)) }),
               3, 7);
    expect_hit("integrity.tcp_option_misplaced",
               PACKET6(.tcp = { .flags = WEIR_RST, .options = OPTIONS(SACK_OK) }), 4, 0);
    expect_hit("integrity.tcp_option_misplaced",
               PACKET(.tcp = { .flags = WEIR_SYN, .options = OPTIONS(MSS(215)) }), 2, 215);
    expect_hit("integrity.tcp_option_misplaced",
               PACKET(.tcp = { .options = OPTIONS(NOP, END, 0, 5) }), 0, 5);
    expect_miss("integrity.tcp_option_misplaced",
                PACKET(.tcp = { .flags = WEIR_SYN, .options = OPTIONS(MSS(216)) }));
    expect_miss("integrity.tcp_option_misplaced",
                PACKET(.tcp = { .flags = WEIR_SYN | WEIR_ACK,
                                .options = OPTIONS(MSS(1460), SACK_OK, WS(7)) }));
    expect_miss("integrity.tcp_option_misplaced",
                PACKET(.tcp = { .options = OPTIONS(NOP, END, 0, 0) }));
    /* An MSS of wrong length has no value to judge. */
    expect_miss("integrity.tcp_option_misplaced",
                PACKET(.tcp = { .flags = WEIR_SYN, .options = OPTIONS(2, 3, 9) }));
}

DETECTION_TEST(tcp_option_misplaced)
