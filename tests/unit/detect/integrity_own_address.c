/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

static bool judge(const struct weir_packet *p, const struct weir_arrival *arrival)
{
    static struct weir_frame frame;
    struct weir_inspection r;

    weir_packet_build(p, &frame);
    weir_inspect_bytes(&r, frame.b, frame.cap, frame.wire, arrival);
    return weir_rows_has(&r.hits.found, WEIR_ROW_INTEGRITY_OWN_ADDRESS);
}

static void own_address(void **state)
{
    const struct weir_arrival own = { .own_source = true };

    (void)state;
    assert_true(judge(PACKET(.tcp = { .flags = WEIR_SYN }), &own));
    assert_true(judge(PACKET6(.payload_bytes = 9), &own));
    assert_false(judge(PACKET(.l4 = L4_UDP), &own));
    assert_false(judge(PACKET(.eth = { .loopback = true }), &own));
    assert_false(judge(PACKET(.tcp = { .flags = WEIR_SYN }), &(struct weir_arrival){ 0 }));
}

DETECTION_TEST(own_address)
