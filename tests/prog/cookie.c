/* SPDX-License-Identifier: Apache-2.0 */

/* SYN cookies through the kernel: listeners of this process in a namespace of its own, SYNs and
 * acknowledgements through the XDP program, the kernel's helpers as judges. */

#include <arpa/inet.h>
#include <sched.h>
#include <sys/socket.h>

#include "prog/host.h"

#define TX 3 /* XDP_TX */
#define PASS 2
#define MTU 1500

static struct weir_loader *l; /* one for all: a load takes two seconds */

static void sysctl(const char *value)
{
    FILE *f = fopen("/proc/sys/net/ipv4/tcp_syncookies", "w");

    assert_non_null(f);
    assert_true(fputs(value, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static int listener(int family, uint16_t port)
{
    struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
    struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(port) };
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

    assert_true(fd >= 0);
    if (family == AF_INET6)
        assert_int_equal(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)), 0);
    assert_int_equal(bind(fd, family == AF_INET6 ? (void *)&six : (void *)&four,
                          family == AF_INET6 ? sizeof(six) : sizeof(four)),
                     0);
    assert_int_equal(listen(fd, 16), 0);
    return fd;
}

static void own(void)
{
    uint8_t addr[2][16];

    assert_int_equal(weir_addr_parse(PACKET_SERVER4, addr[0]), 0);
    assert_int_equal(weir_addr_parse(PACKET_SERVER6, addr[1]), 0);
    assert_int_equal(weir_own_set(l, (const uint8_t(*)[16])addr, 2, NULL), 0);
}

static void policy_set(enum weir_mode mode, enum weir_cookies when)
{
    struct weir_policy policy;

    weir_policy_default(&policy, mode);
    policy.cookies = when;
    assert_int_equal(weir_loader_policy_write(l, &policy, NULL), 0);
    weir_loader_mode_write(l, mode);
}

static int leave(void **state)
{
    (void)state;
    weir_loader_free(l);
    return 0;
}

static void load(void)
{
    struct weir_loader_config c = test_config();

    c.flows_off = false;
    c.half_open = 16; /* so that a few SYNs push out all others */
    l = load_with(&c);
    own();
    policy_set(WEIR_MODE_ENFORCE, WEIR_COOKIES_ALWAYS);
}

static int enter(void **state)
{
    (void)state;
    if (unshare(CLONE_NEWNET) ||
        system("ip link set lo mtu 1500 up && ip addr add " PACKET_SERVER4 "/32 dev lo && "
               "ip addr add " PACKET_SERVER6 "/128 dev lo nodad"))
        return -1;
    sysctl("2");
    load();
    return 0;
}

struct answer {
    uint32_t verdict;
    size_t len;
    uint8_t b[2048];
    struct weir_pkt pkt;
    bool sound; /* parsed, every checksum right */
};

static struct answer ask(const struct weir_packet *p)
{
    static struct weir_frame f;
    struct answer a = { .len = sizeof(a.b) };
    struct weir_inspection r;

    weir_packet_build(p, &f);
    assert_int_equal(
        weir_loader_test_answer(l, WEIR_HOOK_XDP, f.b, f.wire, &a.verdict, a.b, &a.len), 0);
    if (a.verdict == PASS) /* untouched */
        assert_true(a.len == f.wire && !memcmp(a.b, f.b, a.len));
    weir_inspect_bytes(&r, a.b, (__u32)a.len, (__u32)a.len, &(struct weir_arrival){ 0 });
    a.pkt = r.pkt;
    a.sound = r.summed && !(r.pkt.traits & ~WEIR_TRAIT_SYN);
    return a;
}

static uint64_t counted(enum weir_counter n)
{
    return read_counters(l, WEIR_HOOK_XDP).n[n];
}

static struct weir_packet syn_of(bool six, uint16_t port, uint16_t vlan)
{
    return (struct weir_packet){ .net = six ? NET_IP6 : NET_IP4,
                                 .eth = { .vlan = { vlan } },
                                 .tcp = { .flags = WEIR_SYN, .seq = 1000, .sport = port } };
}

/* What it takes to say that the kernel knows this cookie: its own check, and a wrong one fails. */
static void round_trip(bool six, uint16_t port, uint16_t vlan, bool options)
{
    uint64_t good = counted(WEIR_COUNTER_COOKIE_GOOD), bad = counted(WEIR_COUNTER_COOKIE_BAD);
    const struct octets usual = OPTIONS(MSS(1400), SACK_OK, TS(1, 0), NOP, WS(7));
    struct weir_packet syn = syn_of(six, port, vlan), ack = syn;
    struct answer a;

    if (options)
        syn.tcp.options = usual;
    a = ask(&syn);
    assert_int_equal(a.verdict, TX);
    assert_true(a.sound);
    assert_int_equal(a.len, six ? 78 + (vlan ? 4 : 0) : vlan ? 62 : 60);
    assert_int_equal(a.pkt.tcp_flags, WEIR_SYN | WEIR_ACK);
    assert_int_equal(a.pkt.ack, 1001);
    assert_int_equal(a.pkt.mss, MTU - (six ? 60 : 40));
    assert_int_equal(a.pkt.options, WEIR_OPTION_MSS);
    assert_int_equal(a.pkt.dport, port);
    assert_int_equal(weir_pkt_vlan(&a.pkt), vlan);

    ack.tcp.flags = WEIR_ACK;
    ack.tcp.seq = 1001;
    ack.tcp.ack = a.pkt.seq + 1 ? a.pkt.seq + 1 : EXACTLY(0);
    assert_int_equal(ask(&ack).verdict, PASS);
    assert_int_equal(counted(WEIR_COUNTER_COOKIE_GOOD), good + 1);
    assert_int_equal(counted(WEIR_COUNTER_COOKIE_BAD), bad);
    ack.tcp.ack += 12345;
    ack.tcp.sport++; /* another connection, never asked for */
    assert_int_equal(ask(&ack).verdict, PASS);
    assert_int_equal(counted(WEIR_COUNTER_COOKIE_BAD), bad + 1);
}

static void the_kernel_takes_its_cookies_back(void **state)
{
    int four = listener(AF_INET, PACKET_SERVER_PORT), six = listener(AF_INET6, PACKET_SERVER_PORT);
    uint16_t port = 20000;

    (void)state;
    for (int i = 0; i < 8; i++, port += 10)
        round_trip(i & 1, port, i & 2 ? 7 : 0, i & 4);
    assert_int_equal(counted(WEIR_COUNTER_COOKIE_SENT), 8);
    assert_int_equal(counted(WEIR_COUNTER_LOST_COOKIE), 0);
    (void)close(four);
    (void)close(six);
}

static void expect_pass(struct weir_packet p, enum weir_counter n)
{
    uint64_t before = n < WEIR_COUNTER_MAX ? counted(n) : 0;
    uint64_t sent = counted(WEIR_COUNTER_COOKIE_SENT);

    assert_int_equal(ask(&p).verdict, PASS);
    if (n < WEIR_COUNTER_MAX)
        assert_int_equal(counted(n), before + 1);
    assert_int_equal(counted(WEIR_COUNTER_COOKIE_SENT), sent);
}

static void what_is_left_to_the_stack(void **state)
{
    int four = listener(AF_INET, PACKET_SERVER_PORT);
    struct weir_packet p = syn_of(false, 30000, 0);

    (void)state;
    p.tcp.dport = 9; /* nothing listens */
    expect_pass(p, WEIR_COUNTER_COOKIE_DECLINED);
    expect_pass(syn_of(true, 30001, 0), WEIR_COUNTER_COOKIE_DECLINED);
    sysctl("1"); /* and its queue is empty */
    expect_pass(syn_of(false, 30002, 0), WEIR_COUNTER_COOKIE_DECLINED);
    sysctl("0");
    expect_pass(syn_of(false, 30003, 0), WEIR_COUNTER_COOKIE_DECLINED);
    sysctl("2");
    p = syn_of(false, 30004, 0);
    p.ip4.dst = "198.51.100.99"; /* forwarded, or another's */
    expect_pass(p, WEIR_COUNTER_MAX);
    p = syn_of(false, 30005, 0);
    p.ip4.options = (struct octets)OPTIONS(1, 1, 1, 0);
    expect_pass(p, WEIR_COUNTER_MAX);
    policy_set(WEIR_MODE_OBSERVE, WEIR_COOKIES_ALWAYS);
    expect_pass(syn_of(false, 30007, 0), WEIR_COUNTER_COOKIE_WOULD);
    policy_set(WEIR_MODE_ENFORCE, WEIR_COOKIES_OFF);
    expect_pass(syn_of(false, 30008, 0), WEIR_COUNTER_MAX);
    policy_set(WEIR_MODE_ENFORCE, WEIR_COOKIES_ALWAYS);
    (void)close(four);
}

/* A SYN inside a connection that is open is the connection's own affair. */
static void open_connections_are_left_alone(void **state)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PACKET_SERVER_PORT) }, me;
    int four = listener(AF_INET, PACKET_SERVER_PORT);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct weir_packet p = syn_of(false, 0, 0);
    socklen_t len = sizeof(me);

    (void)state;
    assert_int_equal(system("ip addr replace " PACKET_CLIENT4 "/32 dev lo"), 0);
    assert_int_equal(inet_pton(AF_INET, PACKET_CLIENT4, &me.sin_addr), 1);
    me.sin_family = AF_INET;
    me.sin_port = 0;
    assert_int_equal(bind(fd, (void *)&me, sizeof(me)), 0);
    assert_int_equal(inet_pton(AF_INET, PACKET_SERVER4, &to.sin_addr), 1);
    assert_int_equal(connect(fd, (void *)&to, sizeof(to)), 0);
    assert_int_equal(getsockname(fd, (void *)&me, &len), 0);
    p.tcp.sport = ntohs(me.sin_port);
    expect_pass(p, WEIR_COUNTER_COOKIE_DECLINED);
    (void)close(fd);
    (void)close(four);
}

#define PORTS 10 /* more than a scan by ACK is told by: WEIR_SCAN_UNANSWERED */

/* Acknowledgements to so many ports, of SYNs that weir has forgotten. */
static void acknowledge(const char *client, bool with_cookies)
{
    for (uint16_t i = 0; i < PORTS; i++) {
        struct weir_packet p = syn_of(false, 35000, 0);
        struct answer a;

        p.ip4.src = client;
        p.tcp.dport = 9001 + i;
        a = ask(&p);
        assert_int_equal(a.verdict, TX);
        for (uint16_t k = 0; k < 64; k++) { /* a flood comes in between */
            struct weir_packet other = syn_of(false, 40000 + k, 0);

            other.ip4.src = "203.0.113.77";
            other.tcp.dport = 9001;
            (void)ask(&other);
        }
        p.tcp.flags = WEIR_ACK;
        p.tcp.seq = 1001;
        p.tcp.ack = EXACTLY(with_cookies ? a.pkt.seq + 1 : 77);
        assert_true(ask(&p).verdict == PASS || !with_cookies); /* what is a scan is dropped */
    }
}

/* A client whose SYN nobody remembers is no scanner when the kernel takes its cookie. */
static void forgotten_clients_are_known_by_their_cookie(void **state)
{
    uint64_t good = counted(WEIR_COUNTER_COOKIE_GOOD), bad = counted(WEIR_COUNTER_COOKIE_BAD);
    int fd[PORTS];

    (void)state;
    policy_set(WEIR_MODE_ENFORCE, WEIR_COOKIES_ALWAYS);
    for (uint16_t i = 0; i < PORTS; i++)
        fd[i] = listener(AF_INET, 9001 + i);
    acknowledge("203.0.113.5", true);
    assert_int_equal(counted(WEIR_COUNTER_COOKIE_GOOD), good + PORTS);
    assert_int_equal(read_counters(l, WEIR_HOOK_XDP).found[WEIR_ROW_SCAN_ACK], 0);
    acknowledge("203.0.113.6", false);
    assert_int_equal(counted(WEIR_COUNTER_COOKIE_BAD), bad + PORTS);
    assert_true(read_counters(l, WEIR_HOOK_XDP).found[WEIR_ROW_SCAN_ACK] > 0);
    for (uint16_t i = 0; i < PORTS; i++)
        (void)close(fd[i]);
}

#define FLOOD_MS 4000 /* the state must follow within two seconds; the rest is margin */

/* 2,000 SYNs a second that lead nowhere, from ms on the test's clock. */
static void flood(uint64_t from_ms, uint64_t ms, uint64_t *ret_sent)
{
    *ret_sent = counted(WEIR_COUNTER_COOKIE_SENT);
    for (uint64_t i = 0; i < ms * 2; i++) {
        struct weir_packet p = syn_of(false, (uint16_t)(1024 + i % 60000), 0);
        char source[32];

        (void)snprintf(source, sizeof(source), "203.0.%u.%u", 113 + (unsigned)(i >> 8 & 7),
                       (unsigned)(i & 255));
        p.ip4.src = source;
        p.tcp.options = (struct octets)OPTIONS(MSS(1460 - i % 97)); /* no one fingerprint */
        weir_loader_test_clock(l, from_ms * 1000000 + i * 500000, 0);
        (void)ask(&p);
    }
    *ret_sent = counted(WEIR_COUNTER_COOKIE_SENT) - *ret_sent;
}

/* auto: none in peace, from the second second of a flood on, and none when it is over for 35 s. */
static void cookies_begin_and_end_with_the_flood(void **state)
{
    int four = listener(AF_INET, PACKET_SERVER_PORT);
    uint64_t start_ms = 2000000, sent;
    struct weir_packet p = syn_of(false, 50000, 0);

    (void)state;
    policy_set(WEIR_MODE_ENFORCE, WEIR_COOKIES_AUTO);
    weir_loader_test_clock(l, start_ms * 1000000, 0);
    assert_int_equal(ask(&p).verdict, PASS);
    flood(start_ms + 10000, FLOOD_MS, &sent);
    assert_in_range(sent, FLOOD_MS, FLOOD_MS * 2 - 100); /* of its last two seconds each one */
    p.tcp.sport++;
    assert_int_equal(ask(&p).verdict, TX);
    for (uint64_t s = 1; s < 36; s++) { /* a client a second, as in peace */
        p.tcp.sport++;
        weir_loader_test_clock(l, (start_ms + 10000 + FLOOD_MS + s * 1000) * 1000000, 0);
        (void)ask(&p);
    }
    p.tcp.sport++;
    assert_int_equal(ask(&p).verdict, PASS);
    policy_set(WEIR_MODE_ENFORCE, WEIR_COOKIES_ALWAYS);
    (void)close(four);
}

/* A cookie is asked about for as long as the kernel takes one, and no longer. */
static void old_cookies_are_not_asked_about(void **state)
{
    int four = listener(AF_INET, PACKET_SERVER_PORT);
    struct weir_packet syn = syn_of(false, 31000, 0), ack = syn_of(false, 31001, 0);

    uint64_t bad = counted(WEIR_COUNTER_COOKIE_BAD);

    (void)state;
    weir_loader_test_clock(l, 9000 * SECOND, 0);
    assert_int_equal(ask(&syn).verdict, TX);
    ack.tcp.flags = WEIR_ACK;
    ack.tcp.ack = 5;
    weir_loader_test_clock(l, 9130 * SECOND, 0);
    assert_int_equal(ask(&ack).verdict, PASS);
    assert_int_equal(counted(WEIR_COUNTER_COOKIE_BAD), bad);
    (void)close(four);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_kernel_takes_its_cookies_back),
        cmocka_unit_test(what_is_left_to_the_stack),
        cmocka_unit_test(open_connections_are_left_alone),
        cmocka_unit_test(forgotten_clients_are_known_by_their_cookie),
        cmocka_unit_test(cookies_begin_and_end_with_the_flood),
        cmocka_unit_test(old_cookies_are_not_asked_about),
    };
    int r = privileged_or_skip();

    return r ? r : cmocka_run_group_tests(tests, enter, leave);
}
