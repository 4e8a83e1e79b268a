/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void tcp_option_obsolete(void **state)
{
    (void)state;
    expect_hit("integrity.tcp_option_obsolete",
               PACKET(.tcp = { .options = OPTIONS(6, 6, 0, 0, 0, 1) }), 6);
    expect_hit("integrity.tcp_option_obsolete",
               PACKET6(.tcp = { .flags = WEIR_SYN, .options = OPTIONS(11, 6, 0, 0, 0, 1) }), 11);
    expect_hit("integrity.tcp_option_obsolete", PACKET(.tcp = { .options = OPTIONS(14, 3, 1) }),
               14);
    expect_miss("integrity.tcp_option_obsolete",
                PACKET(.tcp = { .flags = WEIR_SYN, .options = OPTIONS(MD5) }));
    expect_miss("integrity.tcp_option_obsolete",
                PACKET(.tcp = { .options = OPTIONS(USER_TIMEOUT(9), AO, MPTCP_CAPABLE) }));
    /* AccECN's options are new (RFC 9768 3.2.3). */
    expect_miss("integrity.tcp_option_obsolete",
                PACKET(.tcp = { .options = OPTIONS(172, 5, 0, 0, 1) }));
}

DETECTION_TEST(tcp_option_obsolete)
