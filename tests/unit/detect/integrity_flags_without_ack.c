/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void flags_without_ack(void **state)
{
    (void)state;
    expect_hit("integrity.flags_without_ack", PACKET(.tcp = { .flags = WEIR_FIN }));
    expect_hit("integrity.flags_without_ack", PACKET(.tcp = { .flags = WEIR_PSH }));
    expect_hit("integrity.flags_without_ack", PACKET6(.tcp = { .flags = WEIR_URG | WEIR_ECE }));
    expect_miss("integrity.flags_without_ack", PACKET(.tcp = { .flags = WEIR_PSH | WEIR_ACK }));
    expect_miss("integrity.flags_without_ack", PACKET(.tcp = { .flags = NO_FLAGS }));
    expect_miss("integrity.flags_without_ack", PACKET(.tcp = { .flags = WEIR_SYN | WEIR_PSH }));
    expect_miss("integrity.flags_without_ack", PACKET(.tcp = { .flags = WEIR_RST | WEIR_PSH }));
}

DETECTION_TEST(flags_without_ack)
