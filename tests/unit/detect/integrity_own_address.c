/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

#define GRE(...) PACKET(.l4 = L4_OTHER, .proto = 47, __VA_ARGS__)

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
    assert_true(judge(GRE(.inside = PACKET(), .payload = BYTES(0, 0, BE16(0x800))), &own));
    assert_false(judge(GRE(.inside_frame = PACKET(), .payload = BYTES(0, 0, BE16(0x88be))), &own));
    assert_false(judge(PACKET(.tcp = { .flags = WEIR_SYN }), &(struct weir_arrival){ 0 }));
}

DETECTION_TEST(own_address)
