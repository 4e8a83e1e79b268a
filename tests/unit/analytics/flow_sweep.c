/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include "analytics/flow_sweep.h"
#include "dataplane/conn.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SECOND 1000000000ULL
#define SETS 4

/* Two tables, a clock, and packets by their numbers alone. */
struct host {
    struct weir_ways flow_ways[SETS], half_ways[SETS];
    struct weir_flow_set flows[SETS], half[SETS];
    struct weir_flow ended;
    struct weir_sweep sweep[2];
    uint64_t now_ns;
    unsigned told[WEIR_END_MAX];
    unsigned failed[WEIR_ATTEMPT_MAX];
    struct weir_flow last;
    struct weir_attempt attempt;
};

static void on_ended(const struct weir_flow *f, enum weir_flow_end why, void *arg)
{
    struct host *h = arg;

    h->told[why]++;
    h->last = *f;
}

static void on_attempt(const struct weir_attempt *a, void *arg)
{
    struct host *h = arg;

    h->failed[a->failure]++;
    h->attempt = *a;
}

static struct host *host_new(bool shared)
{
    struct host *h = aligned_alloc(64, sizeof(*h) + 64 - sizeof(*h) % 64);

    assert_non_null(h);
    memset(h, 0, sizeof(*h));
    h->now_ns = 1000 * SECOND;
    for (int i = 0; i < 2; i++)
        weir_sweep_init(&h->sweep[i],
                        &(struct weir_sweep_config){ .ways = i ? h->half_ways : h->flow_ways,
                                                     .set = i ? h->half : h->flows,
                                                     .sets = SETS,
                                                     .half_open = i,
                                                     .shared = shared,
                                                     .ended = on_ended,
                                                     .attempt = on_attempt,
                                                     .arg = h });
    return h;
}

static struct weir_pkt packet_of(bool server, unsigned port, unsigned flags, uint32_t seq,
                                 uint32_t ack, uint32_t bytes)
{
    struct weir_pkt p = { .outcome = WEIR_OUTCOME_TCP,
                          .ip_version = 4,
                          .tcp_flags = (uint8_t)flags,
                          .seq = seq,
                          .ack = ack,
                          .window = 30000,
                          .payload_bytes = (uint16_t)bytes,
                          .ttl = 64,
                          .sport = server ? 80 : (uint16_t)port,
                          .dport = server ? (uint16_t)port : 80 };

    memcpy(p.src, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1", 16);
    memcpy(p.dst, p.src, 16);
    (server ? p.src : p.dst)[15] = 2;
    return p;
}

/* Any spread over the sets will do. */
static void send(struct host *h, bool server, unsigned port, unsigned flags, uint32_t seq,
                 uint32_t ack, uint32_t bytes)
{
    struct weir_pkt p = packet_of(server, port, flags, seq, ack, bytes);
    struct weir_track t = { .tick = (uint32_t)(h->now_ns >> WEIR_TICK_SHIFT),
                            .fine = (uint32_t)(h->now_ns >> WEIR_FINE_SHIFT),
                            .tag = port * 2654435761U | 1 };
    const struct weir_seat flows = { &h->flow_ways[port % SETS], &h->flows[port % SETS] },
                           half = { &h->half_ways[port % SETS], &h->half[port % SETS] };
    struct weir_conn c;

    c = weir_conn_packet(&t, flows, half, weir_conn_find(flows, half, &p, t.tag), &p, &h->ended);
    if (t.ended)
        on_ended(&h->ended, t.ended, h);
    if (t.clock && c.flow)
        weir_flow_clock(&t, c.flow, &p, h->now_ns);
}

static void open(struct host *h, unsigned port, uint32_t isn)
{
    send(h, false, port, WEIR_SYN, isn, 0, 0);
    send(h, true, port, WEIR_SYN | WEIR_ACK, 5000, isn + 1, 0);
    send(h, false, port, WEIR_ACK, isn + 1, 5001, 0);
}

static void close_by_fin(struct host *h, unsigned port, uint32_t isn)
{
    send(h, false, port, WEIR_FIN | WEIR_ACK, isn + 1, 5001, 0);
    send(h, true, port, WEIR_FIN | WEIR_ACK, 5001, isn + 2, 0);
    send(h, false, port, WEIR_ACK, isn + 2, 5002, 0);
}

/* Time passes; all of both tables is looked at, and what is held is freed. */
static void pass(struct host *h, unsigned seconds)
{
    h->now_ns += seconds * SECOND;
    for (int i = 0; i < 4; i++)
        (void)weir_sweep_step(&h->sweep[i % 2], SETS, h->now_ns);
}

static unsigned records(const struct host *h)
{
    unsigned n = 0;

    for (unsigned i = 0; i < SETS * WEIR_WAYS; i++)
        n += !!h->flow_ways[i / WEIR_WAYS].tag[i % WEIR_WAYS] +
             !!h->half_ways[i / WEIR_WAYS].tag[i % WEIR_WAYS];
    return n;
}

static void closed_is_told_once_and_kept_as_a_tombstone(void **state)
{
    struct host *h = host_new(true);

    (void)state;
    open(h, 1000, 77);
    h->now_ns += SECOND / 2;
    close_by_fin(h, 1000, 77);
    pass(h, 9);
    assert_int_equal(h->told[WEIR_END_CLOSED], 0);
    pass(h, 2);
    assert_int_equal(h->told[WEIR_END_CLOSED], 1);
    assert_int_equal(h->last.side[0].isn, 77);
    assert_int_equal(weir_flow_state(&h->last), WEIR_STATE_TIME_WAIT);
    pass(h, 580);
    assert_int_equal(records(h), 1);
    pass(h, 15);
    assert_int_equal(records(h), 0);
    assert_int_equal(h->told[WEIR_END_CLOSED], 1);
    free(h);
}

/* The state, the seconds after which it is over, and the packets that make it. */
static void each_state_has_its_time(void **state)
{
    static const struct {
        enum weir_flow_state state;
        unsigned seconds;
        unsigned flags[5]; /* client's when below 256, else server's + 256 */
    } row[] = {
        { WEIR_STATE_SYN_SENT, 120, { WEIR_SYN } },
        { WEIR_STATE_SYN_RECV, 60, { WEIR_SYN, 256 + WEIR_SYN + WEIR_ACK } },
        { WEIR_STATE_ESTABLISHED, 3600, { WEIR_SYN, 256 + WEIR_SYN + WEIR_ACK, WEIR_ACK } },
        { WEIR_STATE_FIN_WAIT,
          120,
          { WEIR_SYN, 256 + WEIR_SYN + WEIR_ACK, WEIR_ACK, WEIR_FIN + WEIR_ACK } },
        { WEIR_STATE_CLOSE_WAIT,
          60,
          { WEIR_SYN, 256 + WEIR_SYN + WEIR_ACK, WEIR_ACK, WEIR_FIN + WEIR_ACK, 256 + WEIR_ACK } },
        { WEIR_STATE_LAST_ACK,
          30,
          { WEIR_SYN, 256 + WEIR_SYN + WEIR_ACK, WEIR_ACK, WEIR_FIN + WEIR_ACK,
            256 + WEIR_FIN + WEIR_ACK } },
        { WEIR_STATE_STRAY, 300, { WEIR_ACK } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        struct host *h = host_new(true);
        uint32_t next[2] = { 100, 5000 };

        for (size_t k = 0; k < 5 && row[i].flags[k]; k++) {
            bool server = row[i].flags[k] >= 256;
            unsigned flags = row[i].flags[k] & 255;

            h->now_ns += 1000000;
            send(h, server, 1000, flags, next[server], flags == WEIR_SYN ? 0 : next[!server], 0);
            next[server] += flags & (WEIR_SYN | WEIR_FIN) ? 1 : 0;
        }
        pass(h, row[i].seconds - 1);
        if (h->told[WEIR_END_TIMEOUT])
            fail_msg("row %zu: told before its time", i);
        pass(h, 2);
        assert_int_equal(h->told[WEIR_END_TIMEOUT], 1);
        assert_int_equal(weir_flow_state(&h->last), row[i].state);
        assert_int_equal(records(h), 0);
        free(h);
    }
}

static void attempts_fail_in_four_ways(void **state)
{
    struct host *h = host_new(true);

    (void)state;
    send(h, false, 1, WEIR_SYN, 100, 0, 0); /* silent */
    send(h, false, 2, WEIR_SYN, 100, 0, 0); /* refused */
    send(h, true, 2, WEIR_RST | WEIR_ACK, 0, 101, 0);
    send(h, false, 3, WEIR_SYN, 100, 0, 0); /* unfinished */
    send(h, true, 3, WEIR_SYN | WEIR_ACK, 5000, 101, 0);
    send(h, false, 4, WEIR_SYN, 100, 0, 0); /* aborted */
    send(h, true, 4, WEIR_SYN | WEIR_ACK, 5000, 101, 0);
    send(h, false, 4, WEIR_RST, 101, 0, 0);
    open(h, 5, 100); /* none of them */
    pass(h, 0);
    assert_int_equal(h->failed[WEIR_ATTEMPT_REFUSED], 1);
    assert_int_equal(h->failed[WEIR_ATTEMPT_ABORTED], 1);
    pass(h, 4);
    assert_int_equal(h->failed[WEIR_ATTEMPT_SILENT], 0);
    send(h, false, 1, WEIR_SYN, 100, 0, 0); /* once more: the first one counts */
    pass(h, 2);
    assert_int_equal(h->failed[WEIR_ATTEMPT_SILENT], 1);
    assert_int_equal(h->failed[WEIR_ATTEMPT_UNFINISHED], 1);
    pass(h, 30);
    for (unsigned i = 0; i < WEIR_ATTEMPT_MAX; i++)
        assert_int_equal(h->failed[i], 1);
    free(h);
}

static void an_attempt_says_who_and_where(void **state)
{
    struct host *h = host_new(true);

    (void)state;
    send(h, false, 1234, WEIR_SYN, 100, 0, 0);
    h->now_ns += 3 * SECOND;
    send(h, false, 1234, WEIR_SYN, 100, 0, 0);
    pass(h, 3);
    assert_int_equal(h->attempt.sport, 1234);
    assert_int_equal(h->attempt.dport, 80);
    assert_int_equal(h->attempt.src[15], 1);
    assert_int_equal(h->attempt.dst[15], 2);
    assert_int_equal(h->attempt.syns, 2);
    assert_int_equal(h->attempt.failure, WEIR_ATTEMPT_SILENT);
    free(h);
}

static void a_record_in_use_is_not_freed(void **state)
{
    struct host *h = host_new(true);

    (void)state;
    open(h, 1000, 77);
    h->now_ns += 3601 * SECOND;
    (void)weir_sweep_step(&h->sweep[0], SETS, h->now_ns);
    assert_int_equal(h->told[WEIR_END_TIMEOUT], 1);
    send(h, false, 1000, WEIR_ACK, 78, 5001, 1); /* found, and then it goes on */
    (void)weir_sweep_step(&h->sweep[0], SETS, h->now_ns);
    assert_int_equal(records(h), 1);
    free(h);
}

/* Of a lone SYN perf is not in use: what stood there before is nobody's. */
static void a_lone_syn_shows_nothing_of_another(void **state)
{
    for (int shared = 0; shared < 2; shared++) {
        struct host *h = host_new(shared);

        (void)state;
        memset(h->half, 0xff, sizeof(h->half));
        send(h, false, 1, WEIR_SYN, 100, 0, 0);
        pass(h, 121);
        assert_int_equal(h->told[WEIR_END_TIMEOUT], 1);
        assert_int_equal(h->last.perf[0].retransmitted, 0);
        assert_int_equal(h->last.perf[1].rtt_samples, 0);
        assert_int_equal(h->last.perf[0].mss, 0);
        free(h);
    }
}

static void empty_sets_are_stepped_over(void **state)
{
    enum {
        MANY = 640
    };
    struct weir_flow_set *set = calloc(MANY, sizeof(*set));
    static struct weir_ways ways[MANY];
    uint64_t used[MANY / 64] = { 0 };
    static struct weir_sweep s;
    unsigned steps = 1;

    (void)state;
    weir_sweep_init(
        &s, &(struct weir_sweep_config){ .ways = ways, .set = set, .sets = MANY, .used = used });
    ways[200].tag[3] = 9;
    ways[200].stamp[3] = weir_set_stamp(WEIR_CLASS_PROVEN, 0);
    used[200 / 64] = 1ULL << 200 % 64 | 1;
    while (!weir_sweep_step(&s, 1, 0))
        steps++;
    assert_in_range(steps, MANY / 64, MANY / 64 + 3);
    assert_int_equal(used[200 / 64], 1ULL << 200 % 64); /* the other one was empty */
    free(set);
}

static void the_rest_is_told_in_the_order_of_its_start(void **state)
{
    struct host *h = host_new(false);
    struct weir_sweep *both[] = { &h->sweep[0], &h->sweep[1] };

    (void)state;
    open(h, 3, 1);
    h->now_ns += SECOND;
    send(h, false, 1, WEIR_SYN, 2, 0, 0);
    h->now_ns += SECOND;
    open(h, 2, 3);
    close_by_fin(h, 2, 3);
    assert_int_equal(weir_sweeps_finish(both, 2), 0);
    assert_int_equal(h->told[WEIR_END_SHUTDOWN], 2);
    assert_int_equal(h->told[WEIR_END_CLOSED], 1);
    assert_int_equal(h->last.side[0].isn, 3);
    assert_int_equal(weir_sweeps_finish(both, 2), 0);
    assert_int_equal(h->told[WEIR_END_SHUTDOWN], 2);
    free(h);
}

/* Packets and sweep at once: every connection is told exactly once, by whoever saw its end. */
#define CONNECTIONS 100000
static uint8_t seen[CONNECTIONS + 1];
static volatile bool done;

static void count_once(const struct weir_flow *f, enum weir_flow_end why, void *arg)
{
    uint32_t id = f->side[0].isn / 16;

    (void)why;
    (void)arg;
    if (id >= 1 && id <= CONNECTIONS)
        __atomic_fetch_add(&seen[id], 1, __ATOMIC_RELAXED);
}

static void ignore(const struct weir_attempt *a, void *arg)
{
    (void)a;
    (void)arg;
}

static void *sweep_on(void *arg)
{
    struct host *h = arg;

    while (!done) {
        (void)weir_sweep_step(&h->sweep[0], 1, __atomic_load_n(&h->now_ns, __ATOMIC_ACQUIRE));
        (void)weir_sweep_step(&h->sweep[1], 1, __atomic_load_n(&h->now_ns, __ATOMIC_ACQUIRE));
    }
    return NULL;
}

static void told_exactly_once_while_packets_go_on(void **state)
{
    struct host *h = host_new(true);
    struct weir_sweep *both[] = { &h->sweep[0], &h->sweep[1] };
    uint64_t untold = 0;
    pthread_t thread;

    (void)state;
    for (int i = 0; i < 2; i++) {
        h->sweep[i].c.ended = count_once;
        h->sweep[i].c.attempt = ignore;
    }
    assert_int_equal(pthread_create(&thread, NULL, sweep_on, h), 0);
    for (uint32_t id = 1; id <= CONNECTIONS; id++) {
        unsigned port = 1 + id % 4; /* the same ends meet again just when they are told of */

        open(h, port, id * 16);
        close_by_fin(h, port, id * 16);
        if (h->told[WEIR_END_REUSED] + h->told[WEIR_END_EVICTED]) {
            count_once(&h->last, WEIR_END_REUSED, NULL);
            h->told[WEIR_END_REUSED] = h->told[WEIR_END_EVICTED] = 0;
        }
        __atomic_fetch_add(&h->now_ns, 5 * SECOND / 2, __ATOMIC_RELEASE);
    }
    done = true;
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(weir_sweeps_finish(both, 2), 0);
    for (uint32_t id = 1; id <= CONNECTIONS; id++) {
        if (seen[id] > 1)
            fail_msg("connection %u was told %u times", id, seen[id]);
        untold += !seen[id];
    }
    /* Who is lost is counted; it takes a sweep that sleeps while a connection begins and ends. */
    assert_int_equal(untold, h->sweep[0].n.lost + h->sweep[1].n.lost);
    assert_true(untold < CONNECTIONS / 1000);
    free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_is_told_once_and_kept_as_a_tombstone),
        cmocka_unit_test(each_state_has_its_time),
        cmocka_unit_test(attempts_fail_in_four_ways),
        cmocka_unit_test(an_attempt_says_who_and_where),
        cmocka_unit_test(a_record_in_use_is_not_freed),
        cmocka_unit_test(a_lone_syn_shows_nothing_of_another),
        cmocka_unit_test(empty_sets_are_stepped_over),
        cmocka_unit_test(the_rest_is_told_in_the_order_of_its_start),
        cmocka_unit_test(told_exactly_once_while_packets_go_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
