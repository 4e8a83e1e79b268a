/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/expect.h"

#include <string.h>

#include "harness/random.h"

/* An option walker of its own make: first cut the bytes into options, then look at them. */
struct option {
    __u8 kind, len;
    const __u8 *value;
};

struct walk {
    struct option o[40];
    int n;
    bool broken; /* an option without room */
    bool rest;   /* bytes other than 0 behind the end */
};

static struct walk cut(const __u8 *b, __u32 n)
{
    struct walk w = { .n = 0 };

    for (__u32 i = 0; i < n;) {
        if (b[i] == 1) {
            i++;
            continue;
        }
        if (b[i] == 0) {
            for (i++; i < n; i++)
                w.rest |= b[i] != 0;
            break;
        }
        if (i + 1 == n || b[i + 1] < 2 || i + b[i + 1] > n) {
            w.broken = true;
            break;
        }
        w.o[w.n++] = (struct option){ b[i], b[i + 1], b + i + 2 };
        i += b[i + 1];
    }
    return w;
}

static int times(const struct walk *w, __u8 kind)
{
    int n = 0;

    for (int i = 0; i < w->n; i++)
        n += w->o[i].kind == kind;
    return n;
}

static bool old_fast_open(const struct option *o)
{
    return o->kind == 254 && o->len >= 4 && o->value[0] == 0xf9 && o->value[1] == 0x89;
}

static void compare(const __u8 *b, __u32 n, __u64 seed)
{
    static const struct {
        __u8 kind;
        __u16 bit;
    } kinds[] = { { 2, WEIR_OPTION_MSS },        { 3, WEIR_OPTION_WSCALE },
                  { 4, WEIR_OPTION_SACK_OK },    { 5, WEIR_OPTION_SACK },
                  { 8, WEIR_OPTION_TIMESTAMPS }, { 19, WEIR_OPTION_MD5 },
                  { 29, WEIR_OPTION_AO },        { 30, WEIR_OPTION_MPTCP } };
    struct weir_window w = { .cap = n, .wire = n };
    struct weir_pkt p = { 0 };
    struct walk want = cut(b, n);
    bool ok = true, twice = false, length = want.broken, fast = false;

    memcpy(w.b, b, n);
    weir_walk_tcp_options(&p, &w, 0, n);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        ok &= !!(p.options & kinds[i].bit) == (times(&want, kinds[i].kind) > 0);
        twice |= kinds[i].kind != 30 && times(&want, kinds[i].kind) > 1;
    }
    for (int i = 0; i < want.n; i++) {
        twice |= fast && want.o[i].kind == 34;
        fast |= want.o[i].kind == 34 || old_fast_open(&want.o[i]);
        length |= !weir_tcp_option_len_ok(want.o[i].kind, want.o[i].len);
    }
    ok &= !!(p.options & WEIR_OPTION_FASTOPEN) == fast;
    ok &= !!(p.traits & WEIR_TRAIT_OPTION_TWICE) == twice;
    ok &= !!(p.traits & WEIR_TRAIT_OPTION_LENGTH) == length;
    ok &= !!(p.traits & WEIR_TRAIT_OPTION_AFTER_END) == want.rest;
    if (!ok)
        fail_msg("seed %llu: options judged wrongly", (unsigned long long)seed);
}

/* Random bytes with real kinds and lengths mixed in, so that walks get far. */
static void agrees_with_another_walker(void **state)
{
    static const __u8 common[] = {
        0, 1, 1, 1, 2, 4, 3, 3, 4, 2, 8, 10, 34, 5, 254, 19, 18, 30, 29
    };

    (void)state;
    for (__u64 seed = 0; seed < 50000; seed++) {
        struct weir_random random = { seed };
        __u32 n = weir_random_below(&random, 11) * 4;
        __u8 b[40];

        weir_random_bytes(&random, b, sizeof(b));
        for (__u32 i = 0; i < n; i++) {
            if (weir_random_below(&random, 4))
                b[i] = common[weir_random_below(&random, sizeof(common))];
        }
        compare(b, n, seed);
    }
}

static void values(void **state)
{
    struct weir_inspection r;

    (void)state;
    weir_inspect(&r, PACKET(.tcp = { .flags = WEIR_SYN,
                                     .options = OPTIONS(MSS(1400), SACK_OK, TS(0x01020304, 5), NOP,
                                                        WS(9)) }));
    assert_int_equal(r.pkt.mss, 1400);
    assert_int_equal(r.pkt.wscale, 9);
    assert_int_equal(r.pkt.tsval, 0x01020304);
    assert_int_equal(r.pkt.tsecr, 5);
    weir_inspect(&r, PACKET(.tcp = { .options = OPTIONS(NOP, NOP, TS(7, 8)) }));
    assert_int_equal(r.pkt.options, WEIR_OPTION_TIMESTAMPS);
    assert_int_equal(r.pkt.tsval, 7);
    weir_inspect(&r, PACKET(.tcp = { .options = OPTIONS(NOP, NOP, SACK(1, 2)) }));
    assert_int_equal(r.pkt.options, WEIR_OPTION_SACK);
    assert_int_equal(r.pkt.sack_off, 54 + 4);
}

static void lengths(void **state)
{
    static const struct {
        __u8 kind;
        const char *good; /* lengths from 2 to 40, as a map */
    } rules[] = {
        { 2, "..x" },       { 3, ".x" },
        { 4, "x" },         { 5, "........x.......x.......x.......x" },
        { 8, "........x" }, { 19, "................x" },
        { 28, "..x" },      { 34, "x...x.x.x.x.x.x.x" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
        for (__u8 len = 2; len <= 40; len++) {
            bool good = len - 2U < strlen(rules[i].good) && rules[i].good[len - 2] == 'x';

            assert_int_equal(weir_tcp_option_len_ok(rules[i].kind, len), good);
        }
    }
    assert_false(weir_tcp_option_len_ok(WEIR_KIND_AO, 3));
    assert_true(weir_tcp_option_len_ok(WEIR_KIND_AO, 4));
    assert_true(weir_tcp_option_len_ok(99, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_another_walker),
        cmocka_unit_test(values),
        cmocka_unit_test(lengths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
