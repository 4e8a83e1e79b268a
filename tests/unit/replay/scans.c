/* SPDX-License-Identifier: Apache-2.0 */

/* Scans that take hours, or need hosts that we have not, as captures made here. */

#include "harness/capture_file.h"
#include "harness/run.h"
#include "replay/replay.h"

#include <string.h>

#define ISN 1000000U

static char out[1 << 20];
static struct capture_file file;
static __u64 now_us;

static int begin(void **state)
{
    (void)state;
    now_us = 100000000;
    capture_file_make(&file);
    capture_file_pcap(&file, false, 1);
    return 0;
}

static int end(void **state)
{
    (void)state;
    capture_file_remove(&file);
    return 0;
}

static void put(const struct weir_packet *p)
{
    capture_file_record(&file, (__u32)(now_us / 1000000), (__u32)(now_us % 1000000), p);
    now_us += 1000;
}

/* The kind of what is told of the only scan, and the last word on it. */
static void replay(void)
{
    char *paths[1] = { file.path };
    struct weir_replay_options o = { .json = true,
                                     .paths = paths,
                                     .files = 1,
                                     .memory_bytes = 4 * WEIR_REPLAY_MEMORY_MIN,
                                     .out = tmpfile(),
                                     .err = tmpfile() };

    assert_non_null(o.out);
    assert_non_null(o.err);
    assert_int_equal(weir_local_add(&o.local, "198.51.100.0/24", NULL), 0);
    assert_int_equal(weir_replay(&o), 0);
    rewind(o.out);
    out[fread(out, 1, sizeof(out) - 1, o.out)] = '\0';
    (void)fclose(o.out);
    (void)fclose(o.err);
}

static void expect(const char *text)
{
    if (!strstr(out, text))
        (void)fprintf(stderr, "%s is not in\n%s\n", text, out);
    assert_non_null(strstr(out, text));
}

static void expect_one_scan(void)
{
    expect("\"incident\":1,\"state\":\"over\"");
    assert_null(strstr(out, "\"incident\":2,"));
}

static void syn(const char *source, __u64 port, __u64 id, __u64 window)
{
    put(PACKET(.ip4 = { .src = source, .id = id },
               .tcp = { .dport = port, .flags = WEIR_SYN, .seq = ISN, .window = window }));
}

static void answer(const char *to, __u64 port, __u64 flags)
{
    put(PACKET(.ip4 = { .src = PACKET_SERVER4, .dst = to },
               .tcp = { .sport = port,
                        .dport = PACKET_CLIENT_PORT,
                        .flags = flags,
                        .seq = flags & WEIR_SYN ? ISN : EXACTLY(0),
                        .ack = ISN + 1 }));
}

static void probes(unsigned n, unsigned seconds_apart)
{
    for (unsigned i = 0; i < n; i++) {
        syn(PACKET_CLIENT4, 100 + i * 7, 0, 1024);
        answer(PACKET_CLIENT4, 100 + i * 7, WEIR_RST | WEIR_ACK);
        now_us += seconds_apart * 1000000ULL;
    }
}

/* Alerts of a detection: not one for each probe. */
static int alerts(const char *detection)
{
    char name[64];
    int n = 0;

    (void)snprintf(name, sizeof(name), "\"signature\":\"weir %s\"", detection);
    for (const char *at = out; (at = strstr(at, name)); at++)
        n++;
    return n;
}

/* nmap -T1: 15 s between probes. */
static void sneaky(void **state)
{
    (void)state;
    probes(40, 15);
    replay();
    expect("\"detection\":\"scan.sequential_test\"");
    expect("\"detection\":\"scan.vertical\"");
    expect_one_scan();
    expect("\"type\":\"syn\",\"shape\":\"vertical\"");
    assert_in_range(alerts("scan.sequential_test"), 1, 6);
    assert_in_range(alerts("scan.vertical"), 1, 6);
}

/* nmap -T0: 300 s between probes. */
static void paranoid(void **state)
{
    (void)state;
    probes(24, 300);
    replay();
    expect("\"detection\":\"scan.slow\"");
    expect_one_scan();
    expect("\"slow\":true");
    assert_in_range(alerts("scan.sequential_test"), 1, 5);
    assert_in_range(alerts("scan.slow"), 1, 4);
}

/* As its target: what is seen is the zombie, who did not ask. */
static void idle_target(void **state)
{
    (void)state;
    probes(12, 1);
    for (unsigned i = 0; i < 4; i++) {
        syn(PACKET_CLIENT4, 1000 + i, 0, 1024);
        answer(PACKET_CLIENT4, 1000 + i, WEIR_SYN | WEIR_ACK);
        put(PACKET(.tcp = { .dport = 1000 + i, .flags = WEIR_RST, .seq = ISN + 1 }));
        now_us += 1000000;
    }
    replay();
    expect("\"detection\":\"scan.half_open\"");
    expect("\"open_ports\":[1000,1001,1002,1003]");
    expect_one_scan();
}

/* As its zombie: SYN-ACKs from one port after another, before and behind each probe. */
static void idle_zombie(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 12; i++) {
        put(PACKET(.tcp = { .sport = 50000 + i,
                            .dport = 80,
                            .flags = WEIR_SYN | WEIR_ACK,
                            .seq = ISN + i,
                            .ack = ISN }));
        put(PACKET(.ip4 = { .src = PACKET_SERVER4, .dst = PACKET_CLIENT4 },
                   .tcp = { .sport = 80, .dport = 50000 + i, .flags = WEIR_RST, .seq = ISN }));
        now_us += 500000;
    }
    replay();
    expect("\"type\":\"idle_zombie\"");
    expect_one_scan();
}

static void two_hundred_share_one(void **state)
{
    char source[32];

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        (void)snprintf(source, sizeof(source), "203.0.113.%u", i / 5 + 1);
        put(PACKET(.ip4 = { .src = source }, .tcp = { .dport = 1 + i,
                                                      .flags = WEIR_SYN,
                                                      .seq = ISN + i * 977,
                                                      .sport = 20000 + i * 3 }));
    }
    replay();
    expect("\"detection\":\"scan.distributed\"");
    expect("\"distributed\":true");
    expect_one_scan();
}

/* masscan's IP ID is destination ^ port ^ sequence number, their low 16 bits. */
static void masscan(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 40; i++) {
        __u64 port = 100 + i * 7, id = ((100U << 8 | 20U) ^ port ^ ISN) & 0xffff;

        syn(PACKET_CLIENT4, port, id, 1024);
        answer(PACKET_CLIENT4, port, WEIR_RST | WEIR_ACK);
    }
    replay();
    expect_one_scan();
    expect("\"tool\":\"masscan\"");
}

/* ZMap: one port of many hosts. */
static void zmap(void **state)
{
    char target[32];

    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        (void)snprintf(target, sizeof(target), "198.51.100.%u", i + 1);
        put(PACKET(.ip4 = { .dst = target, .id = 54321 },
                   .tcp = { .dport = 443, .flags = WEIR_SYN, .seq = ISN + i, .window = 65535 }));
        now_us += 20000;
    }
    replay();
    expect("\"detection\":\"scan.horizontal\"");
    expect("\"shape\":\"horizontal\"");
    expect("\"tool\":\"zmap\"");
    expect_one_scan();
}

/* Who forges a million sources, each with two contacts so that it gets a record, pushes out none
 * that has evidence. */
#define FLOOD 2000000U /* contacts */
#define PAUSE WEIR_TICKS(60)

static __u32 contact(struct weir_sources *s, __u32 source, __u16 port, __u32 tick)
{
    struct weir_pkt p = { .ip_version = 4,
                          .proto = 6,
                          .sport = 40000,
                          .dport = port,
                          .seq = source,
                          .tcp_flags = WEIR_SYN,
                          .traits = WEIR_TRAIT_SYN };
    struct weir_track t = { .moment = WEIR_MOMENT_SYN, .tick = tick };

    p.src[10] = p.src[11] = p.dst[10] = p.dst[11] = 0xff;
    memcpy(p.src + 12, &source, sizeof(source));
    p.dst[12] = 198;
    weir_sources_packet(s, &t, &p);
    return t.facts & WEIR_FACT_SCAN ? t.scan.rows : 0;
}

static void slow_scan_in_a_flood(void **state)
{
    struct weir_sources *s;
    __u32 tick = WEIR_TICKS(1000), rows = 0;
    __u16 port = 1;

    (void)state;
    assert_int_equal(weir_sources_new(2 << 20, &s), 0);
    for (; port <= 4; port++, tick += PAUSE)
        rows |= contact(s, 0x0100000a, port, tick);
    assert_int_equal(rows, 0); /* the test waits for four failures */
    for (__u32 i = 0; i < FLOOD; i++) {
        (void)contact(s, 0x40000000 + i / 2, (__u16)(1000 + i % 2), tick);
        if (i % (FLOOD / 4) == FLOOD / 8) {
            tick += PAUSE;
            rows |= contact(s, 0x0100000a, port++, tick);
        }
    }
    assert_true(rows & WEIR_SCAN_SEQUENTIAL);
    assert_true(weir_sources_count(s)->evicted > FLOOD / 4);
    weir_sources_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sneaky, begin, end),
        cmocka_unit_test_setup_teardown(paranoid, begin, end),
        cmocka_unit_test_setup_teardown(idle_target, begin, end),
        cmocka_unit_test_setup_teardown(idle_zombie, begin, end),
        cmocka_unit_test_setup_teardown(two_hundred_share_one, begin, end),
        cmocka_unit_test_setup_teardown(masscan, begin, end),
        cmocka_unit_test_setup_teardown(zmap, begin, end),
        cmocka_unit_test(slow_scan_in_a_flood),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
