/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include "replay/conns.h"

#include <stdlib.h>
#include <string.h>

#define FLOWS 1000U
#define SYNS 500000U /* or $WEIR_SYNS: ten million take seconds */
#define SYN_NS 10000ULL

struct site {
    struct weir_conns *conns;
    struct weir_policy zone;
    uint64_t now_ns;
    unsigned ended;
    bool known; /* of the last packet */
};

static void on_ended(const struct weir_flow *f, enum weir_flow_end why, void *arg)
{
    struct site *s = arg;

    (void)f;
    (void)why;
    s->ended++;
}

static void on_attempt(const struct weir_attempt *a, void *arg)
{
    (void)a;
    (void)arg;
}

static void site_begin(struct site *s, size_t memory)
{
    const struct weir_ends_sink sink = { on_ended, on_attempt, s };

    *s = (struct site){ .now_ns = 1000000000000ULL };
    assert_int_equal(weir_conns_new(memory, &sink, &s->conns), 0);
}

static void address(uint8_t at[16], uint32_t ip4)
{
    const uint8_t bytes[16] = { [10] = 0xff,      [11] = 0xff,     ip4 >> 24,
                                ip4 >> 16 & 0xff, ip4 >> 8 & 0xff, ip4 & 0xff };

    memcpy(at, bytes, sizeof(bytes));
}

static void packet(struct site *s, struct weir_pkt *p, uint8_t flags, uint32_t seq, uint32_t ack)
{
    struct weir_track t = { .gaps = 1 };

    p->outcome = WEIR_OUTCOME_TCP;
    p->ip_version = 4;
    p->tcp_flags = flags;
    p->seq = seq;
    p->ack = ack;
    p->window = 64000;
    weir_ends_sweep(weir_conns_ends(s->conns), s->now_ns);
    weir_conns_packet(s->conns, &t, p, &s->zone, NULL, 0, s->now_ns);
    s->known = t.known;
}

/* Of client number n, 198.18.x.y, to 192.0.2.1; or the other way. */
static struct weir_pkt of_client(uint32_t n, bool from_server)
{
    struct weir_pkt p = { .sport = from_server ? 80 : 40000, .dport = from_server ? 40000 : 80 };

    address(from_server ? p.dst : p.src, 0xc6120000U + n);
    address(from_server ? p.src : p.dst, 0xc0000201U);
    return p;
}

static void open_flow(struct site *s, uint32_t n)
{
    struct weir_pkt p = of_client(n, false), q = of_client(n, true);

    packet(s, &p, WEIR_SYN, 1000, 0);
    packet(s, &q, WEIR_SYN | WEIR_ACK, 5000, 1001);
    packet(s, &p, WEIR_ACK, 1001, 5001);
}

static void spoofed_syns_evict_no_established_connection(void **state)
{
    const char *text = getenv("WEIR_SYNS");
    uint64_t syns = text ? strtoull(text, NULL, 10) : SYNS, rng = 88172645463325252ULL;
    const struct weir_conns_counters *count;
    struct site s;

    (void)state;
    site_begin(&s, 4 << 20);
    count = weir_conns_count(s.conns);
    for (uint32_t n = 0; n < FLOWS; n++)
        open_flow(&s, n);
    assert_int_equal(count->opened, FLOWS);
    for (uint64_t i = 0; i < syns; i++) {
        struct weir_pkt p = { .dport = 80 };

        rng ^= rng << 13;
        rng ^= rng >> 7;
        rng ^= rng << 17;
        address(p.src, 0x0a000000U | (rng >> 20 & 0xffffff));
        address(p.dst, 0xc0000201U);
        p.sport = (uint16_t)(1024 + (rng >> 44) % 60000);
        packet(&s, &p, WEIR_SYN, (uint32_t)rng, 0);
        s.now_ns += SYN_NS;
    }
    assert_true(count->half_evicted > syns / 2); /* the flood did fill its table */
    assert_int_equal(count->evicted, 0);
    assert_int_equal(s.ended, 0);
    for (uint32_t n = 0; n < FLOWS; n++) {
        struct weir_pkt p = of_client(n, false);

        packet(&s, &p, WEIR_ACK, 1001, 5001);
        assert_true(s.known);
    }
    weir_conns_free(s.conns);
}

/* Room for fewer connections than there are: who had to go is told, and counted. */
static void a_full_table_tells_who_had_to_go(void **state)
{
    const struct weir_conns_counters *count;
    struct site s;

    (void)state;
    site_begin(&s, 1 << 20);
    count = weir_conns_count(s.conns);
    for (uint32_t n = 0; n < 4000; n++) {
        open_flow(&s, n);
        s.now_ns += 20000000;
    }
    assert_int_equal(count->opened + count->lost, 4000);
    assert_true(count->evicted > 2000);
    assert_int_equal(s.ended, count->evicted);
    weir_conns_free(s.conns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spoofed_syns_evict_no_established_connection),
        cmocka_unit_test(a_full_table_tells_who_had_to_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
