/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void null(void **state)
{
    (void)state;
    expect_hit("scan.null", PACKET(.tcp = { .flags = NO_FLAGS }));
    expect_hit("scan.null", PACKET(.tcp = { .flags = WEIR_ECE | WEIR_CWR }));
    expect_hit("scan.null", PACKET6(.tcp = { .flags = NO_FLAGS }));
    expect_miss("scan.null", PACKET(.tcp = { .flags = WEIR_PSH }));
    expect_miss("scan.null", PACKET(.tcp = { .flags = WEIR_ACK }));
    expect_miss("scan.null", PACKET(.tcp = { .flags = NO_FLAGS, .doff = 4 }));
}

DETECTION_TEST(null)
