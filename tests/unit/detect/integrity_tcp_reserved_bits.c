/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void tcp_reserved_bits(void **state)
{
    (void)state;
    expect_hit("integrity.tcp_reserved_bits", PACKET(.tcp = { .reserved = 8 }), 8);
    /* AccECN: AE, CWR and ECE on the SYN (RFC 9768 3.1.1). */
    expect_hit("integrity.tcp_reserved_bits",
               PACKET6(.tcp = { .flags = WEIR_SYN | WEIR_ECE | WEIR_CWR, .reserved = 1 }), 1);
    expect_miss("integrity.tcp_reserved_bits",
                PACKET(.tcp = { .flags = WEIR_SYN | WEIR_ECE | WEIR_CWR }));
    expect_miss("integrity.tcp_reserved_bits", PACKET(.tcp = { .reserved = 8, .doff = 4 }));
}

DETECTION_TEST(tcp_reserved_bits)
