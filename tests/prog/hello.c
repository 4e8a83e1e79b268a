/* SPDX-License-Identifier: Apache-2.0 */

/* Segments of ClientHellos: what the kernel host hands on, byte for byte, and what it leaves. */

#include "abi/hello.h"
#include "harness/hello.h"
#include "prog/host.h"

#define C0 1000000U
#define S0 5000000U
#define VERIFIED_MAX 400000

static struct {
    struct weir_hello_event ev;
    __u8 b[20000];
} got[64];
static size_t gots;

static void catch_hello(const void *record, size_t len, void *arg)
{
    const struct weir_hello_event *ev = record;

    (void)arg;
    if (ev->type != WEIR_EVENT_HELLO)
        return;
    assert_true(gots < 64);
    assert_int_equal(ev->len, sizeof(*ev));
    assert_true(ev->bytes <= sizeof(got[0].b) && len >= sizeof(*ev) + ev->bytes);
    got[gots].ev = *ev;
    memcpy(got[gots].b, ev + 1, ev->bytes);
    gots++;
}

static size_t read_all(struct weir_loader *l)
{
    gots = 0;
    assert_true(weir_events_read(l, catch_hello, NULL) >= 0);
    return gots;
}

static struct weir_loader *load(bool on)
{
    struct weir_loader_config c = test_config();
    struct weir_policy policy;
    struct weir_loader *l;

    c.flows_off = false;
    c.hellos = on;
    l = load_with(&c);
    weir_policy_default(&policy, WEIR_MODE_ENFORCE);
    assert_int_equal(weir_loader_policy_write(l, &policy, NULL), 0);
    return l;
}

static struct weir_packet segment(uint16_t client, bool server, uint64_t flags, uint32_t at,
                                  const __u8 *b, size_t n)
{
    struct weir_packet p = { .tcp = { .sport = client, .flags = flags } };

    if (server) {
        p.ip4.src = PACKET_SERVER4;
        p.ip4.dst = PACKET_CLIENT4;
        p.tcp.sport = PACKET_SERVER_PORT;
        p.tcp.dport = client;
    }
    p.tcp.seq = (server ? S0 : C0) + at;
    p.tcp.ack = flags & WEIR_ACK ? (server ? C0 : S0) + 1 : EXACTLY(0);
    p.payload = (struct octets){ b, n };
    return p;
}

static void passes(struct weir_loader *l, enum weir_hook hook, const struct weir_packet *p)
{
    assert_false(run_packet(l, hook, p));
}

static void handshake(struct weir_loader *l, enum weir_hook hook, uint16_t client)
{
    struct weir_packet p = segment(client, false, WEIR_SYN, 0, NULL, 0);

    passes(l, hook, &p);
    p = segment(client, true, WEIR_SYN | WEIR_ACK, 0, NULL, 0);
    passes(l, hook, &p);
    p = segment(client, false, WEIR_ACK, 1, NULL, 0);
    passes(l, hook, &p);
}

static const struct hello_spec spec = {
    .version = 769,
    .ciphers = LIST(47, 53, 5, 10),
    .extensions = LIST(0, 10),
    .groups = LIST(23, 24, 25),
    .name = "example.com",
};

static void make(struct hello_bytes *b, size_t record)
{
    struct hello_bytes message;

    hello_build(&spec, &message);
    hello_wrap(&message, record, b);
}

/* Bytes [from, to) of the client's stream. */
static struct weir_packet piece(uint16_t client, const struct hello_bytes *b, size_t from,
                                size_t to)
{
    return segment(client, false, WEIR_ACK | WEIR_PSH, 1 + (uint32_t)from, b->b + from, to - from);
}

static void each_segment_of_it(void **state)
{
    static const enum weir_hook hooks[] = { WEIR_HOOK_XDP, WEIR_HOOK_TC_INGRESS,
                                            WEIR_HOOK_TC_EGRESS };
    struct weir_loader *l = load(true);
    struct weir_packet p;
    struct hello_bytes b;

    (void)state;
    make(&b, 16384);
    for (size_t i = 0; i < 3; i++) {
        uint16_t client = (uint16_t)(40000 + i);

        handshake(l, hooks[i], client);
        p = piece(client, &b, 0, 40);
        passes(l, hooks[i], &p);
        p = piece(client, &b, 40, b.len);
        p.tcp.check = 1; /* its receiver drops it */
        (void)run_packet(l, hooks[i], &p);
        p = piece(client, &b, 40, b.len);
        passes(l, hooks[i], &p);
        p = segment(client, false, WEIR_ACK, 1 + (uint32_t)b.len, (const __u8 *)"GET / HTTP/1.0",
                    14);
        passes(l, hooks[i], &p);
        assert_int_equal(read_all(l), hooks[i] == WEIR_HOOK_TC_EGRESS ? 3 : 2);
        assert_int_equal(got[0].ev.bytes, 40);
        assert_memory_equal(got[0].b, b.b, 40);
        assert_int_equal(got[0].ev.seq, C0 + 1);
        assert_int_equal(got[0].ev.sport, client);
        assert_int_equal(got[0].ev.flags, i == 2 ? WEIR_HELLO_EGRESS : 0);
        assert_int_equal(got[gots - 1].ev.bytes, b.len - 40);
        assert_memory_equal(got[gots - 1].b, b.b + 40, b.len - 40);
        assert_int_equal(read_counters(l, hooks[i]).n[WEIR_COUNTER_LOST_HELLO], 0);
    }
    weir_loader_free(l);
}

/* Whatever size a record of the ring has; nothing behind the hello. */
static void every_size(void **state)
{
    static const size_t sizes[] = { 6, 9, 680, 681, 1400, 1960, 1961, 3000 };
    struct weir_loader *l = load(true);
    static struct hello_bytes b;
    struct weir_packet p;

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint16_t client = (uint16_t)(41000 + i);

        for (size_t at = 0; at < sizeof(b.b); at++)
            b.b[at] = (__u8)(at * 7);
        memcpy(b.b, "\x16\x03\x01\x1f\xff\x01\x00\x1f\xfb", 9);
        handshake(l, WEIR_HOOK_XDP, client);
        p = piece(client, &b, 0, sizes[i]);
        passes(l, WEIR_HOOK_XDP, &p);
        p = piece(client, &b, sizes[i], sizes[i] + 2000);
        passes(l, WEIR_HOOK_XDP, &p);
        assert_int_equal(read_all(l), 2);
        assert_int_equal(got[0].ev.bytes, sizes[i]);
        assert_memory_equal(got[0].b, b.b, sizes[i]);
        assert_int_equal(got[1].ev.bytes, 2000);
        assert_memory_equal(got[1].b, b.b + sizes[i], 2000);
    }
    weir_loader_free(l);
}

/* No connection, none that both ends agree on, a refused segment, and other protocols. */
static void what_is_none_stays(void **state)
{
    struct weir_loader *l = load(true);
    struct hello_bytes b;
    struct weir_packet p;

    (void)state;
    make(&b, 16384);
    p = segment(42000, false, WEIR_SYN, 0, NULL, 0);
    passes(l, WEIR_HOOK_XDP, &p);
    p = piece(42000, &b, 0, b.len); /* the server never answered */
    (void)run_packet(l, WEIR_HOOK_XDP, &p);
    handshake(l, WEIR_HOOK_XDP, 42001);
    p = piece(42001, &b, 0, b.len);
    p.tcp.seq += 100000000;
    (void)run_packet(l, WEIR_HOOK_XDP, &p);
    p = piece(42001, &b, 0, b.len);
    p.payload = (struct octets){ (const __u8 *)"\x16\x03\x01\x00\x40\x02\x00\x00\x3c", 9 };
    passes(l, WEIR_HOOK_XDP, &p);
    assert_int_equal(read_all(l), 0);
    weir_loader_free(l);
}

static void a_full_ring_is_counted(void **state)
{
    struct weir_loader *l = load(true);
    struct hello_bytes b;
    struct weir_packet p;

    (void)state;
    make(&b, 16384);
    handshake(l, WEIR_HOOK_XDP, 43000);
    p = piece(43000, &b, 0, b.len);
    for (int i = 0; i < 1500; i++)
        (void)run_packet(l, WEIR_HOOK_XDP, &p);
    assert_in_range(read_counters(l, WEIR_HOOK_XDP).n[WEIR_COUNTER_LOST_HELLO], 1, 1499);
    weir_loader_free(l);
}

static void off_is_off(void **state)
{
    struct weir_loader *l = load(false);
    struct hello_bytes b;
    struct weir_packet p;

    (void)state;
    make(&b, 16384);
    handshake(l, WEIR_HOOK_XDP, 44000);
    p = piece(44000, &b, 0, b.len);
    passes(l, WEIR_HOOK_XDP, &p);
    assert_int_equal(read_all(l), 0);
    weir_loader_free(l);
}

static void the_verifier_takes_it(void **state)
{
    struct weir_loader_config c = test_config();
    struct weir_loader *l;

    (void)state;
    c.flows_off = false;
    c.hellos = true;
    c.evidence_packets = 64;
    c.evidence_recent = 4096;
    l = load_with(&c);
    for (int hook = 0; hook < WEIR_HOOK_MAX; hook++) {
        uint32_t verified = weir_loader_verified(l, (enum weir_hook)hook);

        fprintf(stderr, "hook %d with evidence and hellos: %u processed\n", hook, verified);
        assert_in_range(verified, 1, VERIFIED_MAX);
    }
    weir_loader_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_segment_of_it), cmocka_unit_test(every_size),
        cmocka_unit_test(what_is_none_stays), cmocka_unit_test(a_full_ring_is_counted),
        cmocka_unit_test(off_is_off),         cmocka_unit_test(the_verifier_takes_it),
    };
    int r = privileged_or_skip();

    return r ? r : cmocka_run_group_tests(tests, NULL, NULL);
}
