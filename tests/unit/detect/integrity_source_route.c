/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void source_route(void **state)
{
    (void)state;
    expect_hit("integrity.source_route", PACKET(.ip4 = { .options = OPTIONS(LSRR) }));
    expect_hit("integrity.source_route", PACKET(.ip4 = { .options = OPTIONS(NOP, SSRR) }));
    expect_hit("integrity.source_route", PACKET(.l4 = L4_UDP, .ip4 = { .options = OPTIONS(LSRR) }));
    expect_miss("integrity.source_route", PACKET(.ip4 = { .options = OPTIONS(RECORD_ROUTE) }));
    expect_miss("integrity.source_route", PACKET(.ip4 = { .options = OPTIONS(END, LSRR) }));
    expect_miss("integrity.source_route", PACKET(.ip4 = { .options = OPTIONS(ROUTER_ALERT) }));
}

DETECTION_TEST(source_route)
