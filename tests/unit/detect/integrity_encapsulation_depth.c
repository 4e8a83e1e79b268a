/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void encapsulation_depth(void **state)
{
    (void)state;
    expect_hit("integrity.encapsulation_depth", PACKET(.eth = { .vlan = { 1, 2, 3 } }), 3);
    expect_hit("integrity.encapsulation_depth",
               PACKET6(.eth = { .vlan = { 1, 2, 3 }, .tpid = { 0x88a8, 0x88a8, 0x9100 } }), 3);
    expect_miss("integrity.encapsulation_depth", PACKET(.eth = { .vlan = { 1, 2 } }));
    expect_miss("integrity.encapsulation_depth",
                PACKET(.eth = { .vlan = { 1, 2 }, .tpid = { 0x88a8 } }));
    expect_miss("integrity.encapsulation_depth", PACKET(.l4 = L4_UDP));
}

DETECTION_TEST(encapsulation_depth)
