/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

#include "harness/random.h"

/* RFC 1071 3, the worked example. */
static void the_example_of_the_rfc(void **state)
{
    static const __u8 b[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

    (void)state;
    assert_int_equal(weir_reference_sum(b, sizeof(b), 0), 0xddf2);
    assert_int_equal(weir_ntoh16(weir_sum_fold(weir_host_sum(b, sizeof(b)))), 0xddf2);
}

static void folding_carries(void **state)
{
    (void)state;
    assert_int_equal(weir_sum_fold(0), 0);
    assert_int_equal(weir_sum_fold(0xffff), 0xffff);
    assert_int_equal(weir_sum_fold(0x10000), 1);
    assert_int_equal(weir_sum_fold(0x1fffe), 0xffff);
    assert_int_equal(weir_sum_fold(~0ULL), 0xffff);
    assert_int_equal(weir_sum_fold(0xffffffff00000001ULL), 1);
}

/* Sum of pseudo-header and segment, from the frame alone, by the book. */
static __u16 reference(const struct weir_frame *f, bool ip6)
{
    __u32 l4 = ip6 ? 54 : 34, n = f->wire - l4;
    __u32 start = weir_reference_sum(f->b + (ip6 ? 22 : 26), ip6 ? 32 : 8, 6 + n);

    return weir_reference_sum(f->b + l4, n, start);
}

static void round_of(__u64 seed)
{
    static struct weir_frame f;
    struct weir_random random = { seed };
    bool ip6 = weir_random_below(&random, 2);
    struct weir_packet p = { .net = ip6 ? NET_IP6 : NET_IP4,
                             .payload_bytes = weir_random_below(&random, 1500) };
    struct weir_inspection r;
    bool right;

    p.tcp.seq = EXACTLY((__u32)weir_random_next(&random));
    weir_packet_build(&p, &f);
    for (__u32 changes = weir_random_below(&random, 3); changes; changes--)
        f.b[(ip6 ? 66 : 46) + 2 + weir_random_below(&random, p.payload_bytes + 6)] ^=
            1 << weir_random_below(&random, 8);
    right = reference(&f, ip6) == 0xffff;
    weir_inspect_bytes(&r, f.b, f.cap, f.wire, &(struct weir_arrival){ 0 });
    if (!r.summed ||
        right == !!(r.pkt.traits & (WEIR_TRAIT_TCP_CHECKSUM | WEIR_TRAIT_CHECKSUM_PENDING)))
        fail_msg("seed %llu: checksum judged wrongly", (unsigned long long)seed);
}

static void agrees_with_the_reference(void **state)
{
    (void)state;
    for (__u64 seed = 0; seed < 5000; seed++)
        round_of(seed);
}

/* 0x0000 and 0xffff are both zero in ones' complement. */
static void either_zero_is_right(void **state)
{
    static struct weir_frame f;
    struct weir_inspection r;
    bool seen = false;

    (void)state;
    for (__u32 seq = 1; seq < 0x20000 && !seen; seq++) {
        weir_packet_build(PACKET(.tcp = { .seq = seq }), &f);
        seen = !f.b[50] && !f.b[51];
    }
    assert_true(seen);
    f.b[50] = f.b[51] = 0xff;
    weir_inspect_bytes(&r, f.b, f.cap, f.wire, &(struct weir_arrival){ 0 });
    assert_int_equal(r.pkt.traits, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_rfc),
        cmocka_unit_test(folding_carries),
        cmocka_unit_test(agrees_with_the_reference),
        cmocka_unit_test(either_zero_is_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
