/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

#include <string.h>

#include "harness/invariants.h"
#include "harness/random.h"
#include "vectors/vectors.h"

#define ROUNDS 20000

static void judge(const __u8 *b, __u32 cap, __u32 wire, __u16 ethertype, __u64 seed)
{
    const struct weir_arrival arrival = { .ethertype = ethertype };
    struct weir_inspection r;
    const char *broken;

    weir_inspect_bytes(&r, b, cap, wire, &arrival);
    broken = weir_broken_invariant(&r);
    if (!broken && !weir_blind_behind_capture(&r, ethertype))
        broken = "bytes behind the capture are not read";
    if (broken)
        fail_msg("seed %llu: %s", (unsigned long long)seed, broken);
}

/* Random bytes, most of them under a plausible protocol, else nothing gets past the link layer. */
static void any_bytes(void **state)
{
    static const __u16 types[] = { 0, WEIR_ETH_IP4, WEIR_ETH_IP6, WEIR_ETH_VLAN, 0x1234 };
    __u8 b[400];

    (void)state;
    for (__u64 seed = 0; seed < ROUNDS; seed++) {
        struct weir_random random = { seed };
        __u32 wire = weir_random_below(&random, sizeof(b) + 1);
        __u16 type = types[weir_random_below(&random, 5)];

        weir_random_bytes(&random, b, sizeof(b));
        if (type == WEIR_ETH_IP4)
            b[0] = 0x40 | (b[0] & 15);
        else if (type == WEIR_ETH_IP6)
            b[0] = 0x60;
        b[type == WEIR_ETH_IP4 ? 9 : 6] = b[1] & 1 ? 6 : b[2];
        judge(b, weir_random_below(&random, wire + 1), wire, type, seed);
    }
}

/* Every vector with a few bytes changed, cut, or cut by the capture; the outcomes add up. */
static void mutated_vectors(void **state)
{
    static struct weir_frame f;
    size_t n;
    const struct weir_vector *v = weir_vectors(&n);

    (void)state;
    for (__u64 seed = 0; seed < ROUNDS; seed++) {
        struct weir_random random = { seed };
        __u32 changes = weir_random_below(&random, 4);

        weir_packet_build(v[seed % n].packet, &f);
        for (__u32 i = 0; i < changes; i++)
            f.b[weir_random_below(&random, f.wire < 120 ? f.wire : 120)] =
                (__u8)weir_random_next(&random);
        if (!weir_random_below(&random, 3))
            f.wire = weir_random_below(&random, f.wire + 1);
        f.cap = weir_random_below(&random, 3) ? f.wire : weir_random_below(&random, f.wire + 1);
        judge(f.b, f.cap, f.wire, 0, seed);
    }
}

/* An enforced policy never drops what is not TCP. */
static void other_protocols_pass(void **state)
{
    struct weir_inspection r;
    struct weir_policy policy;
    struct weir_decision d;

    (void)state;
    weir_policy_default(&policy, WEIR_MODE_ENFORCE);
    weir_inspect(&r, PACKET(.l4 = L4_UDP, .ip4 = { .check = 1, .options = OPTIONS(LSRR) }));
    weir_decide(&d, &r.hits, &policy, &r.pkt);
    assert_int_equal(d.row, WEIR_ROW_INTEGRITY_IP_CHECKSUM);
    assert_false(d.drop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_bytes),
        cmocka_unit_test(mutated_vectors),
        cmocka_unit_test(other_protocols_pass),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
