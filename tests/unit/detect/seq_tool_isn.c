/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void tool_isn(void **state)
{
    const __u32 dst = 198U << 24 | 51 << 16 | 100 << 8 | 20;

    (void)state;
    expect_hit("seq.tool_isn", PACKET(.tcp = { .flags = WEIR_SYN, .seq = WEIR_ISN_SHAFT }),
               WEIR_ISN_TOOL_SHAFT);
    expect_hit("seq.tool_isn",
               PACKET(.ip4 = { .id = WEIR_IP_ID_NAPTHA },
                      .tcp = { .flags = WEIR_SYN, .seq = WEIR_ISN_NAPTHA }),
               WEIR_ISN_TOOL_NAPTHA);
    expect_hit("seq.tool_isn", PACKET(.tcp = { .flags = WEIR_SYN, .seq = dst }),
               WEIR_ISN_TOOL_DESTINATION);
    expect_miss("seq.tool_isn", PACKET(.tcp = { .flags = WEIR_SYN, .seq = dst + 1 }));
    expect_miss("seq.tool_isn", PACKET(.tcp = { .flags = WEIR_SYN, .seq = WEIR_ISN_NAPTHA }));
    expect_miss("seq.tool_isn",
                PACKET(.tcp = { .flags = WEIR_SYN | WEIR_ACK, .seq = WEIR_ISN_SHAFT }));
    expect_miss("seq.tool_isn", PACKET(.tcp = { .seq = WEIR_ISN_SHAFT }));
}

DETECTION_TEST(tool_isn)
