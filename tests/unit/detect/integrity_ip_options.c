/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

#define WITH(...) PACKET(.ip4 = { .options = OPTIONS(__VA_ARGS__) })

static void ip_options(void **state)
{
    (void)state;
    expect_hit("integrity.ip_options", WITH(RECORD_ROUTE), 7);
    expect_hit("integrity.ip_options", WITH(NOP, TIMESTAMP), 68);
    expect_hit("integrity.ip_options", WITH(148, 1, 0, 0), 148);
    expect_hit("integrity.ip_options", WITH(148, 9, 0, 0), 148);
    expect_hit("integrity.ip_options", WITH(NOP, NOP, NOP, 148), 148);
    expect_hit("integrity.ip_options", WITH(ROUTER_ALERT, ROUTER_ALERT), 148);
    expect_hit("integrity.ip_options",
               PACKET(.l4 = L4_UDP, .ip4 = { .options = OPTIONS(148, 1, 0, 0) }), 148);
    /* What TCP's options say does not replace the evidence. */
    expect_hit("integrity.ip_options",
               PACKET(.ip4 = { .options = OPTIONS(RECORD_ROUTE) },
                      .tcp = { .flags = WEIR_SYN, .options = OPTIONS(WS(1), WS(1)) }),
               7);
    expect_miss("integrity.ip_options", WITH(ROUTER_ALERT));
    expect_miss("integrity.ip_options", WITH(NOP, END, RECORD_ROUTE));
    expect_miss("integrity.ip_options", WITH(LSRR));
    /* ping -R */
    expect_miss("integrity.ip_options",
                PACKET(.l4 = L4_ICMP, .ip4 = { .options = OPTIONS(RECORD_ROUTE) }));
}

DETECTION_TEST(ip_options)
