/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

#define IP(packet) PACKET(.l4 = L4_OTHER, .proto = 4, .inside = packet)
#define SIX BE32(1), BE32(1), BE32(1), BE32(1), BE32(1), BE32(1)
/* Twelve labels, those given, and the bottom. */
#define LABELS(...)                                                                                \
    PACKET(.net = NET_NONE, .eth = { .type = 0x8847 },                                             \
           .payload = BYTES(SIX, SIX, __VA_ARGS__, BE32(0x100)), .inside = PACKET())

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
    expect_hit("integrity.encapsulation_depth", IP(IP(IP(PACKET()))), 3);
    expect_miss("integrity.encapsulation_depth", IP(IP(PACKET())));
    expect_hit("integrity.encapsulation_depth", LABELS(BE32(1), BE32(1), BE32(1), BE32(1)), 17);
    expect_miss("integrity.encapsulation_depth", LABELS(BE32(1), BE32(1), BE32(1)));
}

DETECTION_TEST(encapsulation_depth)
