/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void syn_rst(void **state)
{
    (void)state;
    expect_hit("integrity.syn_rst", PACKET(.tcp = { .flags = WEIR_SYN | WEIR_RST }));
    expect_hit("integrity.syn_rst", PACKET6(.tcp = { .flags = WEIR_SYN | WEIR_RST | WEIR_ACK }));
    expect_miss("integrity.syn_rst", PACKET(.tcp = { .flags = WEIR_SYN | WEIR_ACK }));
    expect_miss("integrity.syn_rst", PACKET(.tcp = { .flags = WEIR_RST | WEIR_ACK }));
}

DETECTION_TEST(syn_rst)
