/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void tool(void **state)
{
    const __u32 dst = 100 << 8 | 20, seq = 0xabcd1234;

    (void)state;
    expect_hit("scan.tool",
               PACKET(.tcp = { .flags = WEIR_SYN, .window = 1024, .options = OPTIONS(MSS(1460)) }),
               WEIR_SCAN_TOOL_NMAP);
    expect_hit("scan.tool",
               PACKET(.ip4 = { .id = EXACTLY((dst ^ PACKET_SERVER_PORT ^ seq) & 0xffff) },
                      .tcp = { .flags = WEIR_SYN, .window = 1024, .seq = seq }),
               WEIR_SCAN_TOOL_MASSCAN);
    expect_hit("scan.tool",
               PACKET(.ip4 = { .id = 54321 },
                      .tcp = { .flags = WEIR_SYN, .window = 65535, .options = OPTIONS(MSS(1460)) }),
               WEIR_SCAN_TOOL_ZMAP);
    expect_miss("scan.tool", PACKET(.tcp = { .flags = WEIR_SYN,
                                             .window = 1024,
                                             .options = OPTIONS(MSS(1460), SACK_OK) }));
    expect_miss("scan.tool", PACKET(.tcp = { .flags = WEIR_SYN | WEIR_ACK,
                                             .window = 1024,
                                             .options = OPTIONS(MSS(1460)) }));
    expect_miss(
        "scan.tool",
        PACKET(.tcp = { .flags = WEIR_SYN, .window = 1025, .options = OPTIONS(MSS(1460)) }));
    expect_miss("scan.tool", PACKET(.ip4 = { .id = 54321 }, .tcp = { .flags = WEIR_SYN }));
}

DETECTION_TEST(tool)
