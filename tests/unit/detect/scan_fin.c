/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void fin(void **state)
{
    (void)state;
    expect_hit("scan.fin", PACKET(.tcp = { .flags = WEIR_FIN }));
    expect_hit("scan.fin", PACKET(.tcp = { .flags = WEIR_FIN | WEIR_ECE }));
    expect_hit("scan.fin", PACKET6(.tcp = { .flags = WEIR_FIN }));
    expect_miss("scan.fin", PACKET(.tcp = { .flags = WEIR_FIN | WEIR_ACK }));
    expect_miss("scan.fin", PACKET(.tcp = { .flags = WEIR_FIN | WEIR_PSH }));
    expect_miss("scan.fin", PACKET(.tcp = { .flags = WEIR_FIN | WEIR_SYN }));
}

DETECTION_TEST(fin)
