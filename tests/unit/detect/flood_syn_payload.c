/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void syn_payload(void **state)
{
    (void)state;
    expect_hit("flood.syn_payload",
               PACKET(.tcp = { .flags = WEIR_SYN }, .payload = TEXT("GET / HTTP/1.1\r\n")), 16);
    expect_hit("flood.syn_payload",
               PACKET6(.tcp = { .flags = WEIR_SYN | WEIR_PSH }, .payload_bytes = 1), 1);
    /* Fast Open, in both encodings, and what a SYN-ACK may carry. */
    expect_miss(
        "flood.syn_payload",
        PACKET(.tcp = { .flags = WEIR_SYN, .options = OPTIONS(TFO(1, 2, 3, 4, 5, 6, 7, 8)) },
               .payload_bytes = 100));
    expect_miss("flood.syn_payload",
                PACKET(.tcp = { .flags = WEIR_SYN, .options = OPTIONS(TFO_OLD_REQUEST) },
                       .payload_bytes = 100));
    expect_miss("flood.syn_payload",
                PACKET(.tcp = { .flags = WEIR_SYN | WEIR_ACK }, .payload_bytes = 100));
    /* Padding of a short Ethernet frame is not payload. */
    expect_miss("flood.syn_payload", PACKET(.tcp = { .flags = WEIR_SYN }, .trailer_bytes = 6));
    /* The option may stand in what the capture cut off. */
    expect_miss(
        "flood.syn_payload",
        PACKET(.tcp = { .flags = WEIR_SYN, .options = OPTIONS(TFO(1, 2, 3, 4, 5, 6, 7, 8)) },
               .payload_bytes = 100, .cap = 54));
}

DETECTION_TEST(syn_payload)
