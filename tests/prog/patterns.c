/* SPDX-License-Identifier: Apache-2.0 */

/* payload.patterns in both hosts: found wherever segments begin and end, and whatever an evader
 * puts between them; what is not found is listed here, too. Differences: the kernel's depth, and
 * nothing else. */

#include "harness/policy.h"
#include "policy/compile.h"
#include "policy/patterns.h"
#include "prog/host.h"
#include "replay/host.h"

#define C0 1000000U
#define S0 5000000U

static const char policy[] = "detections: {seq.overlap_conflict: alert}\n"
                             "payload:\n"
                             "  patterns:\n"
                             "  - {name: a, text: needle}\n"
                             "  - {name: b, text: WORM, ignore_case: yes, ports: [9443],\n"
                             "     direction: to_server, action: drop}\n"
                             "  - {name: c, text: WORM, ports: [80], action: drop}\n";

struct both {
    struct weir_loader *l;
    struct weir_host host;
    uint64_t now_ns;
    uint16_t port;           /* of the client: a connection each */
    uint64_t kernel, replay; /* packets with pattern a so far in this connection */
    uint64_t kernel_before, replay_before;
};

static void no_event(void *ctx, const struct weir_event *ev)
{
    (void)ctx;
    (void)ev;
}

static void patterns_enter(struct weir_loader *l, const struct weir_settings *s, uint32_t epoch)
{
    struct weir_patterns_image image = { 0 };
    struct weir_error e = { 0 };

    assert_int_equal(weir_patterns_build(s, epoch, &image, &e), 0);
    for (uint32_t lane = 0; lane < WEIR_LANES; lane++)
        if (weir_loader_patterns_set(l, lane, image.lane[lane].automaton, image.lane[lane].bytes,
                                     &e) < 0)
            fail_msg("%s", e.text);
    weir_patterns_image_free(&image);
}

static void both_open(struct both *b)
{
    struct weir_settings *s = policy_good(policy, NULL);
    struct weir_image *image = calloc(1, sizeof(*image));
    struct weir_loader_config c = test_config();
    struct weir_error e = { 0 };

    memset(b, 0, sizeof(*b));
    assert_non_null(image);
    weir_settings_compile(s, NULL, image);
    image->mode = WEIR_MODE_ENFORCE;
    memset(c.judged_egress, 0xff, sizeof(c.judged_egress));
    c.flows_off = false;
    b->l = load_with(&c);
    if (weir_loader_image_apply(b->l, image, &e) < 0)
        fail_msg("%s", e.text);
    patterns_enter(b->l, s, 1);
    assert_int_equal(weir_host_init(&b->host, 64 << 20, s, no_event, NULL, NULL), 0);
    b->host.trust.mode = WEIR_CHECKSUM_ON;
    b->now_ns = 1000 * SECOND;
    b->port = 40000;
    free(image);
    weir_settings_free(s);
}

static void both_close(struct both *b)
{
    weir_loader_free(b->l);
    weir_host_free(&b->host);
}

static uint64_t kernel_count(struct weir_loader *l)
{
    return read_counters(l, WEIR_HOOK_XDP).found[WEIR_ROW_PAYLOAD_SIGNATURE] +
           read_counters(l, WEIR_HOOK_TC_EGRESS).found[WEIR_ROW_PAYLOAD_SIGNATURE];
}

/* True: the kernel dropped it. */
static bool feed(struct both *b, bool server, const struct weir_packet *p)
{
    static struct weir_frame f;
    struct weir_capture_packet packet = { .datalink = 1, .number = 1 };
    bool drop;

    weir_packet_build(p, &f);
    b->now_ns += 10 * 1000 * 1000;
    weir_loader_test_clock(b->l, b->now_ns, 0);
    drop = run_frame(b->l, server ? WEIR_HOOK_TC_EGRESS : WEIR_HOOK_XDP, f.b, f.wire);
    packet.data = f.b;
    packet.cap = f.cap;
    packet.wire = f.wire;
    packet.ts_ns = b->now_ns;
    weir_host_packet(&b->host, 0, &packet);
    b->kernel = kernel_count(b->l) - b->kernel_before;
    b->replay = b->host.counters.row[WEIR_ROW_PAYLOAD_SIGNATURE] - b->replay_before;
    return drop;
}

static struct weir_packet segment(const struct both *b, bool server, uint64_t flags, uint32_t at,
                                  const char *text)
{
    struct weir_packet p = { .tcp = { .sport = b->port, .flags = flags } };

    if (server) {
        p.ip4.src = PACKET_SERVER4;
        p.ip4.dst = PACKET_CLIENT4;
        p.tcp.sport = PACKET_SERVER_PORT;
        p.tcp.dport = b->port;
    }
    p.tcp.seq = (server ? S0 : C0) + at;
    p.tcp.ack = flags & WEIR_ACK ? (server ? C0 : S0) + 1 : EXACTLY(0);
    p.payload = (struct octets){ (const __u8 *)text, text ? strlen(text) : 0 };
    return p;
}

static void begin(struct both *b)
{
    struct weir_packet p;

    b->port++;
    p = segment(b, false, WEIR_SYN, 0, NULL);
    (void)feed(b, false, &p);
    p = segment(b, true, WEIR_SYN | WEIR_ACK, 0, NULL);
    (void)feed(b, true, &p);
    p = segment(b, false, WEIR_ACK, 1, NULL);
    (void)feed(b, false, &p);
    b->kernel_before += b->kernel;
    b->replay_before += b->replay;
    b->kernel = b->replay = 0;
}

/* at: offset in the client's bytes. */
static void say(struct both *b, uint32_t at, const char *text)
{
    struct weir_packet p = segment(b, false, WEIR_ACK | WEIR_PSH, 1 + at, text);

    (void)feed(b, false, &p);
}

static void expect(const struct both *b, uint64_t kernel, uint64_t replay)
{
    assert_int_equal(b->kernel, kernel);
    assert_int_equal(b->replay, replay);
}

static void however_it_is_cut(void **state)
{
    static const char text[] = "a needle, and more";
    struct both b;

    (void)state;
    both_open(&b);
    begin(&b);
    say(&b, 0, text);
    expect(&b, 1, 1);
    begin(&b);
    for (uint32_t i = 0; text[i]; i++)
        say(&b, i, (char[]){ text[i], '\0' });
    expect(&b, 1, 1);
    for (uint32_t cut = 1; cut < 8; cut++) {
        char head[sizeof(text)] = { 0 };

        begin(&b);
        memcpy(head, text, cut);
        say(&b, 0, head);
        say(&b, cut, text + cut);
        expect(&b, 1, 1);
    }
    begin(&b); /* not in a row */
    say(&b, 0, "need");
    say(&b, 4, "ful le");
    expect(&b, 0, 0);
    both_close(&b);
}

static void in_spite_of_evasion(void **state)
{
    struct weir_packet p;
    struct both b;

    (void)state;
    both_open(&b);
    begin(&b); /* what comes again overlaps */
    say(&b, 0, "a nee");
    say(&b, 2, "needle");
    expect(&b, 1, 1);
    begin(&b); /* the later segment first, whole */
    say(&b, 6, "needle");
    say(&b, 0, "a long");
    expect(&b, 1, 1);
    begin(&b); /* filler that the receiver drops: a wrong checksum */
    say(&b, 0, "nee");
    p = segment(&b, false, WEIR_ACK, 4, "xxx");
    p.tcp.check = EXACTLY(0x1234);
    (void)feed(&b, false, &p);
    say(&b, 3, "dle");
    expect(&b, 1, 1);
    begin(&b); /* far outside of the window */
    say(&b, 0, "nee");
    say(&b, 9000000, "xxx");
    say(&b, 3, "dle");
    expect(&b, 1, 1);
    begin(&b); /* filler that does not live long enough to arrive, then the real one */
    p = segment(&b, false, WEIR_ACK, 1, "xxxxxx");
    p.ip4.ttl = 2;
    (void)feed(&b, false, &p);
    say(&b, 0, "needle");
    expect(&b, 1, 1);
    both_close(&b);
}

/* Nobody keeps bytes that come early, nor two versions of them: a pattern over the border of
 * segments that change places, or of which one was replaced, is not seen. The latter is
 * seq.overlap_conflict, the former what docs/detections.md says of it. */
static void what_is_not_found(void **state)
{
    struct weir_packet p;
    struct both b;

    (void)state;
    both_open(&b);
    begin(&b);
    say(&b, 3, "dle");
    say(&b, 0, "nee");
    expect(&b, 0, 0);
    begin(&b);
    p = segment(&b, false, WEIR_ACK, 1, "xxx");
    p.ip4.ttl = 2;
    (void)feed(&b, false, &p);
    say(&b, 0, "nee");
    say(&b, 3, "dle");
    expect(&b, 0, 0);
    assert_true(read_counters(b.l, WEIR_HOOK_XDP).found[WEIR_ROW_SEQ_OVERLAP_CONFLICT] > 0);
    both_close(&b);
}

static void replay_looks_deeper(void **state)
{
    char filler[401];
    struct both b;

    (void)state;
    memset(filler, '.', sizeof(filler));
    filler[400] = '\0';
    both_open(&b);
    begin(&b);
    say(&b, 0, filler);
    say(&b, 400, filler);
    say(&b, 800, "needle");
    expect(&b, 0, 1);
    both_close(&b);
}

static void dropped_by_port_and_direction(void **state)
{
    struct weir_packet p;
    struct both b;

    (void)state;
    both_open(&b);
    begin(&b);
    p = segment(&b, true, WEIR_ACK, 1, "a worm, a WORM"); /* the other direction, the other port */
    (void)feed(&b, true, &p);
    assert_int_equal(b.host.counters.row[WEIR_ROW_PAYLOAD_SIGNATURE_DROP], 0);
    assert_int_equal(read_counters(b.l, WEIR_HOOK_TC_EGRESS).found[WEIR_ROW_PAYLOAD_SIGNATURE_DROP],
                     0);
    p = segment(&b, false, WEIR_ACK, 1, "a worm");
    assert_true(feed(&b, false, &p));
    assert_int_equal(b.host.counters.row[WEIR_ROW_PAYLOAD_SIGNATURE_DROP], 1);
    both_close(&b);
}

static void replaced_between_segments(void **state)
{
    struct weir_settings *s = policy_good(policy, NULL);
    struct weir_settings *none = policy_good("", NULL);
    struct both b;

    (void)state;
    both_open(&b);
    begin(&b);
    say(&b, 0, "nee");
    patterns_enter(b.l, s, 2); /* what was carried is of the set before */
    say(&b, 3, "dle");
    assert_int_equal(b.kernel, 0);
    say(&b, 6, "needle");
    assert_int_equal(b.kernel, 1);
    patterns_enter(b.l, none, 3);
    say(&b, 12, "needle");
    assert_int_equal(b.kernel, 1);
    both_close(&b);
    weir_settings_free(s);
    weir_settings_free(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(however_it_is_cut),
        cmocka_unit_test(in_spite_of_evasion),
        cmocka_unit_test(what_is_not_found),
        cmocka_unit_test(replay_looks_deeper),
        cmocka_unit_test(dropped_by_port_and_direction),
        cmocka_unit_test(replaced_between_segments),
    };
    int r = privileged_or_skip();

    return r ? r : cmocka_run_group_tests(tests, NULL, NULL);
}
