/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

#define SYN(...) PACKET(.tcp = { .flags = WEIR_SYN, .options = OPTIONS(__VA_ARGS__) })

static void tcp_option_length(void **state)
{
    (void)state;
    expect_hit("integrity.tcp_option_length", SYN(2, 3, 5), 2, 3);
    expect_hit("integrity.tcp_option_length", SYN(3, 4, 7, 0), 3, 4);
    expect_hit("integrity.tcp_option_length", SYN(4, 3, 0), 4, 3);
    expect_hit("integrity.tcp_option_length", SYN(5, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 5, 12);
    expect_hit("integrity.tcp_option_length", SYN(8, 0), 8, 0);
    expect_hit("integrity.tcp_option_length", SYN(NOP, NOP, 8, 10), 8, 10);
    expect_hit("integrity.tcp_option_length", SYN(19, 4, 0, 0), 19, 4);
    expect_hit("integrity.tcp_option_length", SYN(34, 7, 1, 2, 3, 4, 5), 34, 7);
    expect_hit("integrity.tcp_option_length", SYN(34, 4, 1, 2), 34, 4);
    expect_hit("integrity.tcp_option_length", SYN(29, 3, 0), 29, 3);
    expect_hit("integrity.tcp_option_length", SYN(NOP, NOP, NOP, 99), 99, 0);
    /* A milder fault behind it does not take its place in the evidence. */
    expect_hit("integrity.tcp_option_length", SYN(2, 3, 5, WS(1), WS(1)), 2, 3);
    expect_hit("integrity.tcp_option_length", SYN(2, 3, 5, 6, 6, 0, 0, 0, 0), 2, 3);
    expect_hit("integrity.tcp_option_length", SYN(WS(1), WS(1), 2, 3, 5), 2, 3);
    expect_miss("integrity.tcp_option_length", SYN(MSS(1460), SACK_OK, TS(1, 0), NOP, WS(7)));
    expect_miss("integrity.tcp_option_length", SYN(MD5));
    expect_miss("integrity.tcp_option_length", SYN(AO, USER_TIMEOUT(5), TFO_REQUEST));
    expect_miss("integrity.tcp_option_length", SYN(TFO(1, 2, 3, 4), MPTCP_CAPABLE));
    expect_miss("integrity.tcp_option_length", SYN(99, 2, END, 0, 0, 0));
    expect_miss("integrity.tcp_option_length",
                PACKET(.tcp = { .options = OPTIONS(NOP, NOP, SACK(1, 2)) }));
}

DETECTION_TEST(tcp_option_length)
