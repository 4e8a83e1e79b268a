/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include <string.h>

#include "dataplane/conn.h"

#define MS 1000000ULL

/* One set of each table, a clock, and packets by their numbers. */
struct host {
    struct weir_ways ways[2];
    struct weir_flow_set set[2];
    struct weir_flow ended;
    struct weir_flow *flow; /* of the newest packet */
    uint64_t now_ns;
    uint16_t window;
    bool egress;
};

static void send(struct host *h, bool server, unsigned flags, uint32_t seq, uint32_t ack,
                 uint32_t bytes)
{
    struct weir_pkt p = { .outcome = WEIR_OUTCOME_TCP,
                          .ip_version = 4,
                          .sport = server ? 443 : 40000,
                          .dport = server ? 40000 : 443,
                          .tcp_flags = (uint8_t)flags,
                          .seq = seq,
                          .ack = ack,
                          .payload_bytes = bytes,
                          .window = h->window,
                          .ttl = 64 };
    struct weir_track t = { .tick = (uint32_t)(h->now_ns >> WEIR_TICK_SHIFT),
                            .fine = (uint32_t)(h->now_ns >> WEIR_FINE_SHIFT),
                            .tag = 1,
                            .egress = h->egress };
    const struct weir_seat flows = { &h->ways[0], &h->set[0] }, half = { &h->ways[1], &h->set[1] };
    struct weir_conn c;

    p.src[15] = server ? 2 : 1;
    p.dst[15] = server ? 1 : 2;
    c = weir_conn_packet(&t, flows, half, weir_conn_find(flows, half, &p, t.tag), &p, &h->ended);
    assert_non_null(c.flow);
    if (t.clock)
        weir_flow_clock(&t, c.flow, &p, h->now_ns);
    h->flow = c.flow;
}

/* From here on the client is at 1001, the server at 5001. The legs took 30 and 20 ms. */
static void open(struct host *h)
{
    memset(h, 0, sizeof(*h));
    h->now_ns = 1000000 * MS;
    h->window = 60000;
    send(h, false, WEIR_SYN, 1000, 0, 0);
    h->now_ns += 30 * MS;
    send(h, true, WEIR_SYN | WEIR_ACK, 5000, 1001, 0);
    h->now_ns += 20 * MS;
    send(h, false, WEIR_ACK, 1001, 5001, 0);
}

static uint64_t us(uint32_t fine)
{
    return ((uint64_t)fine << WEIR_FINE_SHIFT) / 1000;
}

static void both_legs_of_the_handshake(void **state)
{
    static struct host h;

    (void)state;
    open(&h);
    assert_in_range(us(h.flow->synack_fine), 29990, 30010);
    assert_in_range(us(h.flow->ack_fine), 19990, 20010);
}

static void overtaken_or_sent_again(void **state)
{
    static struct host h;
    const struct weir_flow_perf *perf;

    (void)state;
    open(&h);
    perf = &h.flow->perf[WEIR_SIDE_CLIENT];
    send(&h, false, WEIR_ACK, 1001, 5001, 100);
    send(&h, false, WEIR_ACK, 1201, 5001, 100);
    h.now_ns += MS;
    send(&h, false, WEIR_ACK, 1101, 5001, 100); /* fills the hole */
    assert_int_equal(perf->reordered, 1);
    assert_int_equal(perf->retransmitted, 0);
    send(&h, false, WEIR_ACK, 1201, 5001, 100); /* ends where the newest did: there is no hole */
    assert_int_equal(perf->reordered, 1);
    assert_int_equal(perf->retransmitted, 1);
    send(&h, true, WEIR_ACK, 5001, 1301, 0);
    send(&h, false, WEIR_ACK, 1001, 5001, 100); /* acknowledged before */
    assert_int_equal(perf->retransmitted, 2);
    h.now_ns += 200 * MS;
    send(&h, false, WEIR_ACK, 1301, 5001, 100);
    h.now_ns += 200 * MS;
    send(&h, false, WEIR_ACK, 1101, 5001, 100); /* too late to be overtaken */
    assert_int_equal(perf->retransmitted, 3);
    h.egress = true;
    send(&h, false, WEIR_ACK, 1501, 5001, 100);
    send(&h, false, WEIR_ACK, 1401, 5001, 100); /* nothing overtakes on the way out of this host */
    assert_int_equal(perf->retransmitted, 4);
    assert_int_equal(perf->reordered, 1);
}

static void round_trips(void **state)
{
    static struct host h;
    const struct weir_flow_perf *perf;

    (void)state;
    open(&h);
    perf = &h.flow->perf[WEIR_SIDE_CLIENT]; /* to the client: the server's data measure it */
    for (uint32_t i = 0; i < 10; i++) {
        h.now_ns += 20 * MS;
        send(&h, true, WEIR_ACK, 5001 + 100 * i, 1001, 100);
        h.now_ns += 15 * MS;
        send(&h, false, WEIR_ACK, 1001, 5101 + 100 * i, 0);
    }
    assert_int_equal(perf->rtt_samples, 10);
    assert_in_range(us(perf->srtt), 14990, 15010);
    assert_in_range(us(perf->rtt_min), 14990, 15010);
    h.now_ns += 20 * MS;
    send(&h, true, WEIR_ACK, 6001, 1001, 100);
    h.now_ns += 300 * MS;
    send(&h, true, WEIR_ACK, 6001, 1001, 100); /* sent again: which one is acknowledged? Karn */
    h.now_ns += 15 * MS;
    send(&h, false, WEIR_ACK, 1001, 6101, 0);
    assert_int_equal(perf->rtt_samples, 10);
    assert_int_equal(h.flow->perf[WEIR_SIDE_SERVER].rtt_samples, 0);
}

static void closed_windows(void **state)
{
    static struct host h;
    const struct weir_flow_perf *perf;

    (void)state;
    open(&h);
    perf = &h.flow->perf[WEIR_SIDE_CLIENT];
    for (int i = 0; i < 2; i++) {
        h.window = 0;
        send(&h, false, WEIR_ACK, 1001, 5001, 0);
        h.now_ns += 500 * MS;
        h.window = 60000;
        send(&h, false, WEIR_ACK, 1001, 5001, 0);
    }
    assert_int_equal(perf->zero_windows, 2);
    assert_in_range((uint64_t)weir_flow_zero_ticks(h.flow, WEIR_SIDE_CLIENT) << WEIR_TICK_SHIFT,
                    998 * MS, 1002 * MS);
    h.window = 0;
    send(&h, false, WEIR_ACK, 1001, 5001, 0);
    h.now_ns += 500 * MS;
    send(&h, true, WEIR_ACK, 5001, 1001, 1); /* still closed when the record is read */
    assert_in_range((uint64_t)weir_flow_zero_ticks(h.flow, WEIR_SIDE_CLIENT) << WEIR_TICK_SHIFT,
                    1498 * MS, 1503 * MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_legs_of_the_handshake),
        cmocka_unit_test(overtaken_or_sent_again),
        cmocka_unit_test(round_trips),
        cmocka_unit_test(closed_windows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
