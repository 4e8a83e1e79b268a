/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void rst_data(void **state)
{
    (void)state;
    expect_hit("integrity.rst_data",
               PACKET(.tcp = { .flags = WEIR_RST }, .payload = TEXT("No tcp")), 6);
    expect_hit("integrity.rst_data",
               PACKET6(.tcp = { .flags = WEIR_RST | WEIR_ACK }, .payload_bytes = 1), 1);
    expect_miss("integrity.rst_data", PACKET(.tcp = { .flags = WEIR_RST }));
    expect_miss("integrity.rst_data",
                PACKET(.tcp = { .flags = WEIR_RST | WEIR_ACK }, .trailer_bytes = 6));
    expect_miss("integrity.rst_data", PACKET(.payload_bytes = 6));
}

DETECTION_TEST(rst_data)
