/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void window_scale(void **state)
{
    (void)state;
    expect_hit("integrity.window_scale",
               PACKET(.tcp = { .flags = WEIR_SYN, .options = OPTIONS(WS(15)) }), 15);
    expect_hit("integrity.window_scale",
               PACKET6(.tcp = { .flags = WEIR_SYN | WEIR_ACK, .options = OPTIONS(NOP, WS(255)) }),
               255);
    expect_miss("integrity.window_scale",
                PACKET(.tcp = { .flags = WEIR_SYN, .options = OPTIONS(WS(14)) }));
    expect_miss("integrity.window_scale",
                PACKET(.tcp = { .flags = WEIR_SYN, .options = OPTIONS(3, 4, 15, 0) }));
    expect_miss("integrity.window_scale",
                PACKET(.tcp = { .flags = WEIR_SYN, .options = OPTIONS(END, WS(15)) }));
}

DETECTION_TEST(window_scale)
