/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void syn_fin(void **state)
{
    (void)state;
    expect_hit("integrity.syn_fin", PACKET(.tcp = { .flags = WEIR_SYN | WEIR_FIN }));
    expect_hit("integrity.syn_fin", PACKET6(.tcp = { .flags = WEIR_SYN | WEIR_FIN | WEIR_ACK }));
    expect_miss("integrity.syn_fin", PACKET(.tcp = { .flags = WEIR_SYN }));
    expect_miss("integrity.syn_fin", PACKET(.tcp = { .flags = WEIR_FIN | WEIR_ACK }));
    expect_miss("integrity.syn_fin", PACKET(.tcp = { .flags = WEIR_SYN | WEIR_FIN },
                                            .payload_bytes = 40, .fragment = { 16, 24 }));
}

DETECTION_TEST(syn_fin)
