/* SPDX-License-Identifier: Apache-2.0 */

/* The answer to a SYN, byte by byte, and the SYNs that get none. */

#include "dataplane/cookie.h"

#include "harness/expect.h"
#include "harness/random.h"

#define ISN 0xa1b2c3d4

static struct weir_window window_of(const struct weir_packet *p, struct weir_pkt *ret)
{
    static struct weir_frame f;
    struct weir_inspection r;
    struct weir_window w = { 0 };

    weir_packet_build(p, &f);
    weir_inspect_bytes(&r, f.b, f.cap, f.wire, &(struct weir_arrival){ 0 });
    *ret = r.pkt;
    w.wire = f.wire;
    w.cap = f.wire < WEIR_WINDOW_BYTES ? f.wire : WEIR_WINDOW_BYTES;
    memcpy(w.b, f.b, w.cap);
    return w;
}

static void expect_bytes(const struct weir_packet *p, const __u8 *b, __u32 len)
{
    struct weir_cookie_frame f = { 0 };
    struct weir_pkt pkt;
    struct weir_window w = window_of(p, &pkt);

    assert_true(weir_cookie_answerable(&pkt, &w));
    memset(&f, 0xee, sizeof(f));
    weir_cookie_answer(&f, &pkt, &w, ISN, 1460);
    assert_int_equal(f.len, len);
    assert_memory_equal(f.b, b, len);
}

/* Written by hand, the sums by the book. */
static void answer_of_ip4(void **state)
{
    const struct weir_packet *syn =
        PACKET(.tcp = { .flags = WEIR_SYN,
                        .seq = 0x01020304,
                        .dport = 443,
                        .options = OPTIONS(MSS(1400), SACK_OK, TS(1, 0), NOP, WS(7)) });
    static struct weir_frame f;
    __u8 b[60] = {
        [12] = 8, [13] = 0, /* IPv4 */
        0x45,     0,        0,    44,   0,    0,    0x40, 0,    64,   6,    0,
        0,        198,      51,   100,  20,   192,  0,    2,    10,   0x01, 0xbb,
        0x9c,     0x40,     0xa1, 0xb2, 0xc3, 0xd4, 0x01, 0x02, 0x03, 0x05, 0x60,
        0x12,     0xfa,     0xf0, 0,    0,    0,    0,    2,    4,    0x05, 0xb4,
    };
    __u16 sum;

    (void)state;
    weir_packet_build(syn, &f);
    memcpy(b, f.b + 6, 6);
    memcpy(b + 6, f.b, 6);
    sum = (__u16)~weir_reference_sum(b + 14, 20, 0);
    b[24] = sum >> 8;
    b[25] = (__u8)sum;
    sum = (__u16)~weir_reference_sum(b + 34, 24, weir_reference_sum(b + 26, 8, 6 + 24));
    b[50] = sum >> 8;
    b[51] = (__u8)sum;
    expect_bytes(syn, b, 60);
}

static void answer_of_ip6_with_a_tag(void **state)
{
    const struct weir_packet *syn =
        PACKET6(.eth = { .vlan = { 7 } }, .tcp = { .flags = WEIR_SYN, .seq = 0xffffffff });
    static struct weir_frame f;
    __u8 b[82] = { [18] = 0x60, [23] = 24, [24] = 6, [25] = 64 };
    static const __u8 tcp[24] = {
        0x24, 0xe3, 0x9c, 0x40, 0xa1, 0xb2, 0xc3, 0xd4, 0, 0, 0, 0,
        0x60, 0x12, 0xfa, 0xf0, 0,    0,    0,    0,    2, 4, 5, 0xb4,
    };
    __u16 sum;

    (void)state;
    weir_packet_build(syn, &f);
    memcpy(b, f.b + 6, 6);
    memcpy(b + 6, f.b, 6);
    memcpy(b + 12, f.b + 12, 6);
    memcpy(b + 26, f.b + 18 + 24, 16);
    memcpy(b + 42, f.b + 18 + 8, 16);
    memcpy(b + 58, tcp, sizeof(tcp));
    sum = (__u16)~weir_reference_sum(b + 58, 24, weir_reference_sum(b + 26, 32, 6 + 24));
    b[74] = sum >> 8;
    b[75] = (__u8)sum;
    expect_bytes(syn, b, 82);
}

/* Any SYN: the parser takes the answer, finds no fault, and it fits the question. */
static void answers_are_sound(void **state)
{
    struct weir_random random = { 1 };

    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct weir_packet p = { .net = weir_random_below(&random, 2) ? NET_IP6 : NET_IP4,
                                 .tcp = { .flags = WEIR_SYN,
                                          .seq = EXACTLY((__u32)weir_random_next(&random)),
                                          .sport = 1 + weir_random_below(&random, 65535),
                                          .dport = 1 + weir_random_below(&random, 65535) } };
        __u32 isn = (__u32)weir_random_next(&random);
        __u16 mss = (__u16)(536 + weir_random_below(&random, 60000));
        struct weir_cookie_frame f;
        struct weir_inspection r;
        struct weir_window w;
        struct weir_pkt q;

        p.eth.vlan[0] = weir_random_below(&random, 2) ? 7 : 0;
        p.payload_bytes = weir_random_below(&random, 2) ? 100 : 0;
        w = window_of(&p, &q);
        assert_true(weir_cookie_answerable(&q, &w));
        weir_cookie_answer(&f, &q, &w, isn, mss);
        assert_in_range(f.len, WEIR_COOKIE_FRAME_MIN, WEIR_COOKIE_FRAME_MAX);
        weir_inspect_bytes(&r, f.b, f.len, f.len, &(struct weir_arrival){ 0 });
        assert_int_equal(r.pkt.outcome, WEIR_OUTCOME_TCP);
        assert_true(r.summed);
        assert_int_equal(r.pkt.traits & ~WEIR_TRAIT_SYN, 0);
        assert_int_equal(r.pkt.tcp_flags, WEIR_SYN | WEIR_ACK);
        assert_int_equal(r.pkt.seq, isn);
        assert_int_equal(r.pkt.ack, q.seq + 1);
        assert_int_equal(r.pkt.mss, mss);
        assert_int_equal(r.pkt.options, WEIR_OPTION_MSS);
        assert_true(r.pkt.sport == q.dport && r.pkt.dport == q.sport);
        assert_memory_equal(r.pkt.src, q.dst, 16);
        assert_memory_equal(r.pkt.dst, q.src, 16);
        assert_int_equal(weir_pkt_vlan(&r.pkt), weir_pkt_vlan(&q));
    }
}

static bool answerable(const struct weir_packet *p)
{
    struct weir_pkt pkt;
    struct weir_window w = window_of(p, &pkt);

    return weir_cookie_answerable(&pkt, &w);
}

#define SYN_TO .flags = WEIR_SYN

static void what_gets_none(void **state)
{
    struct weir_window w;
    struct weir_pkt p;

    (void)state;
    assert_true(answerable(PACKET(.tcp = { SYN_TO })));
    assert_true(answerable(PACKET6(.tcp = { SYN_TO })));
    assert_false(answerable(PACKET(.ip4 = { .options = BYTES(1, 1, 1, 0) }, .tcp = { SYN_TO })));
    assert_false(answerable(PACKET6(.ip6 = { .ext = { { .type = DSTOPTS } } }, .tcp = { SYN_TO })));
    assert_false(answerable(PACKET(.eth = { .vlan = { 7, 8 } }, .tcp = { SYN_TO })));
    assert_false(answerable(PACKET(.ip4 = { .src = "224.0.0.1" }, .tcp = { SYN_TO })));
    assert_false(answerable(PACKET(.ip4 = { .src = PACKET_SERVER4 }, .tcp = { SYN_TO })));
    assert_false(answerable(PACKET(.ip4 = { .ttl = 1 }, .tcp = { SYN_TO })));
    assert_false(answerable(PACKET(.tcp = { SYN_TO, .options = OPTIONS(MD5) })));
    assert_false(answerable(PACKET(.tcp = { SYN_TO, .options = OPTIONS(AO) })));
    w = window_of(PACKET(.tcp = { SYN_TO }), &p);
    w.b[0] |= 1;
    assert_false(weir_cookie_answerable(&p, &w)); /* flooded to all of the link */
}

/* What the kernel's helper reads, for a SYN with and without an MSS. */
static void questions_keep_the_mss(void **state)
{
    static const __u8 none[] = { 1, 1, 0, 0 }, some[] = { 2, 4, 0x05, 0x78 };
    struct weir_cookie_head h;
    struct weir_pkt p;

    (void)state;
    (void)window_of(PACKET(.tcp = { SYN_TO, .seq = 0x01020304, .options = OPTIONS(MSS(1400)) }),
                    &p);
    weir_cookie_head(&h, &p);
    assert_memory_equal(h.tcp + 20, some, 4);
    assert_int_equal(h.tcp[13], WEIR_SYN);
    assert_memory_equal(h.tcp + 4, "\1\2\3\4", 4);
    assert_int_equal(h.ip[0], 0x45);
    assert_memory_equal(h.ip + 12, p.src + 12, 4);
    assert_memory_equal(h.ip + 16, p.dst + 12, 4);
    (void)window_of(PACKET6(.tcp = { SYN_TO }), &p);
    weir_cookie_head(&h, &p);
    assert_memory_equal(h.tcp + 20, none, 4);
    assert_memory_equal(h.ip + 8, p.src, 16);
    assert_memory_equal(h.ip + 24, p.dst, 16);
}

static void mss_of_a_link(void **state)
{
    (void)state;
    assert_int_equal(weir_cookie_mss(1500, 4), 1460);
    assert_int_equal(weir_cookie_mss(1500, 6), 1440);
    assert_int_equal(weir_cookie_mss(9000, 4), 8960);
    assert_int_equal(weir_cookie_mss(0, 4), 536);
    assert_int_equal(weir_cookie_mss(576, 4), 536);
    assert_int_equal(weir_cookie_mss(68, 6), 536);
    assert_int_equal(weir_cookie_mss(65536, 4), 65496);
    assert_int_equal(weir_cookie_mss(1 << 20, 6), 65535);
}

static void what_may_return_a_cookie(void **state)
{
    struct weir_pkt p = { .tcp_flags = WEIR_ACK };
    struct weir_track t = { .moment = WEIR_MOMENT_STRAY_ACK };

    (void)state;
    assert_true(weir_cookie_returns(&t, &p));
    t.moment = WEIR_MOMENT_GOES_ON;
    p.tcp_flags = WEIR_ACK | WEIR_PSH;
    assert_true(weir_cookie_returns(&t, &p));
    p.tcp_flags = WEIR_ACK | WEIR_RST;
    assert_false(weir_cookie_returns(&t, &p));
    p.tcp_flags = WEIR_SYN | WEIR_ACK;
    assert_false(weir_cookie_returns(&t, &p));
    p.tcp_flags = WEIR_ACK;
    t.moment = WEIR_MOMENT_NONE;
    assert_false(weir_cookie_returns(&t, &p));
    assert_false(weir_cookie_asks(&t));
    t.moment = WEIR_MOMENT_SYN_AGAIN;
    assert_true(weir_cookie_asks(&t));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answer_of_ip4),
        cmocka_unit_test(answer_of_ip6_with_a_tag),
        cmocka_unit_test(answers_are_sound),
        cmocka_unit_test(what_gets_none),
        cmocka_unit_test(questions_keep_the_mss),
        cmocka_unit_test(mss_of_a_link),
        cmocka_unit_test(what_may_return_a_cookie),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
