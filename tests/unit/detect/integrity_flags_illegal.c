/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static void flags_illegal(void **state)
{
    static const __u8 legal[] = { WEIR_SYN,
                                  WEIR_SYN | WEIR_URG,
                                  WEIR_SYN | WEIR_ACK,
                                  WEIR_RST,
                                  WEIR_RST | WEIR_ACK,
                                  WEIR_FIN | WEIR_ACK,
                                  WEIR_FIN | WEIR_ACK | WEIR_URG,
                                  WEIR_ACK,
                                  WEIR_ACK | WEIR_URG };
    static const __u8 illegal[] = { WEIR_RST | WEIR_FIN, WEIR_RST | WEIR_URG,
                                    WEIR_RST | WEIR_ACK | WEIR_FIN, WEIR_RST | WEIR_ACK | WEIR_URG,
                                    WEIR_SYN | WEIR_ACK | WEIR_URG };
    static const __u8 masked[] = { 0, WEIR_PSH, WEIR_ECE, WEIR_CWR,
                                   WEIR_PSH | WEIR_ECE | WEIR_CWR };

    (void)state;
    for (size_t m = 0; m < sizeof(masked); m++) {
        for (size_t i = 0; i < sizeof(legal); i++)
            expect_miss("integrity.flags_illegal",
                        PACKET(.tcp = { .flags = legal[i] | masked[m] }));
        for (size_t i = 0; i < sizeof(illegal); i++)
            expect_hit("integrity.flags_illegal",
                       PACKET(.tcp = { .flags = illegal[i] | masked[m] }));
    }
    /* Rows of their own. */
    expect_miss("integrity.flags_illegal", PACKET(.tcp = { .flags = WEIR_SYN | WEIR_FIN }));
    expect_miss("integrity.flags_illegal", PACKET(.tcp = { .flags = WEIR_SYN | WEIR_RST }));
    expect_miss("integrity.flags_illegal", PACKET(.tcp = { .flags = WEIR_FIN | WEIR_URG }));
}

DETECTION_TEST(flags_illegal)
