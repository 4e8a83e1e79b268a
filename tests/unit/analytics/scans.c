/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include <string.h>

#include "abi/detection.h"
#include "analytics/scan_judge.h"
#include "analytics/scans.h"
#include "dataplane/bits.h"

#define SECOND 1000000000ULL
#define BEGIN (1000 * SECOND)
#define RECORDS 4

/* A host: records by the last byte of their address, and what it was told. */
struct watched {
    struct weir_scans *scans;
    struct weir_source record[RECORDS];
    struct weir_scan_incident told[16];
    int n;
    int news; /* events that were not held back */
};

static const struct weir_source *record(void *arg, const uint8_t addr[16])
{
    struct watched *x = arg;

    return addr[15] < RECORDS ? &x->record[addr[15]] : NULL;
}

static void told(void *arg, const struct weir_scan_incident *scan)
{
    struct watched *x = arg;

    x->told[x->n++ % 16] = *scan;
}

static void begin(struct watched *x)
{
    const struct weir_scans_host host = { record, told, x };

    memset(x, 0, sizeof(*x));
    assert_int_equal(weir_scans_new(&host, &x->scans), 0);
    for (int i = 0; i < RECORDS; i++)
        x->record[i].since = x->record[i].contact_at = (uint32_t)(BEGIN >> WEIR_TICK_SHIFT);
}

static struct weir_event event(uint16_t detection, unsigned source, uint64_t at, uint64_t count)
{
    struct weir_event ev = { .type = WEIR_EVENT_FINDING,
                             .detection = detection,
                             .ts_ns = BEGIN + at,
                             .first_ns = BEGIN,
                             .count = count,
                             .dport = (uint16_t)count,
                             .ip_version = 4 };

    ev.src[10] = ev.src[11] = ev.dst[10] = ev.dst[11] = 0xff;
    ev.src[14] = (uint8_t)(source >> 8);
    ev.src[15] = (uint8_t)source;
    ev.dst[15] = 99;
    return ev;
}

static void find(struct watched *x, uint16_t detection, unsigned source, uint64_t at,
                 uint64_t count)
{
    const struct weir_event ev = event(detection, source, at, count);

    x->news += weir_scans_event(x->scans, &ev);
    weir_scans_tick(x->scans, ev.ts_ns);
}

static void end(struct watched *x, uint64_t at)
{
    weir_scans_tick(x->scans, BEGIN + at);
}

static void touch(struct weir_source *s, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        weir_contacts_add(&s->touched, i);
        weir_contacts_add(&s->ports, i);
    }
}

static void several_findings_are_one_scan(void **state)
{
    struct watched x;

    (void)state;
    begin(&x);
    touch(&x.record[1], 20);
    x.record[1].failed = 12;
    x.record[1].half_reset = 2;
    x.record[1].opens = 2;
    x.record[1].open[0] = 22;
    x.record[1].open[1] = 80;
    x.record[1].score = 20;
    find(&x, WEIR_DET_SCAN_SEQUENTIAL_TEST, 1, 0, 1);
    find(&x, WEIR_DET_SCAN_VERTICAL, 1, SECOND / 10, 1);
    find(&x, WEIR_DET_SCAN_VERTICAL, 1, SECOND / 5, 2);
    assert_int_equal(x.n, 0); /* whose it is, is not known so soon */
    find(&x, WEIR_DET_SCAN_HALF_OPEN, 1, SECOND, 1);
    assert_int_equal(x.n, 1);
    assert_int_equal(x.told[0].state, WEIR_SCAN_OPENED);
    assert_int_equal(x.told[0].packets, 4);
    assert_int_equal(x.told[0].ports, 21);
    assert_int_equal(x.told[0].opens, 2);
    assert_int_equal(x.told[0].open[1], 80);
    assert_int_equal(x.told[0].type, WEIR_SCAN_TYPE_SYN);
    assert_int_equal(x.told[0].confidence, 99);
    find(&x, WEIR_DET_SCAN_HALF_OPEN, 1, 2 * SECOND, 8);
    assert_int_equal(x.told[1].state, WEIR_SCAN_GOES_ON);
    assert_int_equal(x.told[1].packets, 11);
    find(&x, WEIR_DET_SCAN_VERTICAL, 1, 4 * SECOND, 1); /* an incident of its own, the same scan */
    end(&x, 30 * SECOND);
    assert_non_null(weir_scans_find(x.scans, event(0, 1, 0, 0).src));
    end(&x, 100 * SECOND);
    assert_int_equal(x.n, 3);
    assert_int_equal(x.told[2].state, WEIR_SCAN_OVER);
    assert_int_equal(x.told[2].packets, 12);
    assert_int_equal(x.told[2].id, x.told[0].id);
    assert_null(weir_scans_find(x.scans, event(0, 1, 0, 0).src));
    weir_scans_free(x.scans);
}

static void one_odd_packet_is_none(void **state)
{
    struct watched x;

    (void)state;
    begin(&x);
    find(&x, WEIR_DET_SCAN_NULL, 77, 0, 1);
    find(&x, WEIR_DET_SCAN_NULL, 77, SECOND, 2);
    find(&x, WEIR_DET_SEQ_CONSTANT_ISN, 78, SECOND, 4);
    find(&x, WEIR_DET_SCAN_OPEN_PORT_FOUND, 79, SECOND, 4);
    end(&x, 2 * SECOND);
    end(&x, 100 * SECOND);
    assert_int_equal(x.n, 0);
    find(&x, WEIR_DET_SCAN_NULL, 77, 0, 1);
    find(&x, WEIR_DET_SCAN_NULL, 77, SECOND, 2);
    find(&x, WEIR_DET_SCAN_NULL, 77, SECOND, 4);
    weir_scans_finish(x.scans);
    assert_int_equal(x.n, 1);
    assert_int_equal(x.told[0].type, WEIR_SCAN_TYPE_NULL);
    assert_int_equal(x.told[0].confidence, 99);
    assert_int_equal(x.told[0].ports, 3);
    weir_scans_free(x.scans);
}

static void decoys_are_one_set(void **state)
{
    struct watched x;

    (void)state;
    begin(&x);
    for (unsigned i = 1; i < 4; i++) {
        touch(&x.record[i], 5);
        x.record[i].probe_least[1] = 1000;
        x.record[i].probe_most[0] = 9000 + i; /* one missed the last */
    }
    x.record[3].probe_least[1] = 1001; /* sent something else */
    x.record[2].half_reset = 1;
    find(&x, WEIR_DET_SEQ_CONSTANT_ISN, 1, 0, 1);
    find(&x, WEIR_DET_SCAN_DECOY, 2, 0, 1);
    find(&x, WEIR_DET_SCAN_VERTICAL, 3, 0, 1);
    weir_scans_finish(x.scans);
    assert_int_equal(x.n, 2);
    assert_int_equal(x.told[0].sources, 2);
    assert_int_equal(x.told[0].packets, 2);
    assert_true(x.told[0].flags & WEIR_SCAN_FLAG_DECOYS);
    assert_int_equal(x.told[1].sources, 1);
    assert_int_equal(x.told[1].source[0][15], 3);
    weir_scans_free(x.scans);
}

static void the_real_one_is_named_with_evidence_only(void **state)
{
    struct watched x;

    (void)state;
    for (int both = 0; both < 2; both++) {
        begin(&x);
        for (unsigned i = 1; i < 3; i++) {
            touch(&x.record[i], 5);
            x.record[i].probe_least[0] = 1000;
        }
        x.record[2].half_reset = 1;
        x.record[1].half_reset = (uint8_t)both;
        find(&x, WEIR_DET_SCAN_DECOY, 1, 0, 1);
        find(&x, WEIR_DET_SCAN_DECOY, 2, 0, 1);
        find(&x, WEIR_DET_SCAN_DECOY, 2, SECOND, 2);
        assert_int_equal(x.n, 1);
        assert_int_equal(!!(x.told[0].flags & WEIR_SCAN_FLAG_REAL), !both);
        assert_true(both || x.told[0].source[x.told[0].real][15] == 2);
        weir_scans_free(x.scans);
    }
}

static void known_to_be_one_later_is_told(void **state)
{
    struct watched x;

    (void)state;
    begin(&x);
    find(&x, WEIR_DET_SCAN_VERTICAL, 1, 0, 1);
    find(&x, WEIR_DET_SCAN_VERTICAL, 1, 0, 2);
    find(&x, WEIR_DET_SCAN_VERTICAL, 1, 0, 4);
    find(&x, WEIR_DET_SCAN_VERTICAL, 2, 0, 1);
    find(&x, WEIR_DET_SCAN_VERTICAL, 2, 0, 2);
    find(&x, WEIR_DET_SCAN_VERTICAL, 2, 0, 4);
    end(&x, SECOND);
    assert_int_equal(x.n, 2);
    for (unsigned i = 1; i < 3; i++) {
        touch(&x.record[i], 5);
        x.record[i].probe_least[0] = 1000;
    }
    find(&x, WEIR_DET_SCAN_VERTICAL, 1, 2 * SECOND, 8);
    find(&x, WEIR_DET_SCAN_VERTICAL, 2, 2 * SECOND, 8);
    weir_scans_finish(x.scans);
    assert_int_equal(x.told[x.n - 2].state, WEIR_SCAN_MERGED);
    assert_int_equal(x.told[x.n - 2].merged_into, x.told[0].id);
    assert_int_equal(x.told[x.n - 1].state, WEIR_SCAN_OVER);
    assert_int_equal(x.told[x.n - 1].packets, 16);
    weir_scans_free(x.scans);
}

/* Each probe 300 s behind the one before, as of nmap -T0: one scan, and no alert for each. */
static void a_slow_one_is_waited_for(void **state)
{
    struct watched x;

    (void)state;
    begin(&x);
    touch(&x.record[1], 16);
    for (unsigned i = 0; i < 20; i++) {
        x.record[1].contact_at = (uint32_t)((BEGIN + i * 300 * SECOND) >> WEIR_TICK_SHIFT);
        find(&x, WEIR_DET_SCAN_SLOW, 1, i * 300 * SECOND, 1);
        for (unsigned s = 1; i > 2 && s < 300; s += 50)
            end(&x, (i * 300 + s) * SECOND);
    }
    for (int i = 0; i < x.n; i++)
        assert_int_not_equal(x.told[i].state, WEIR_SCAN_OVER);
    assert_int_equal(x.news, 5); /* 1, 2, 4, 8, 16 */
    assert_int_equal(weir_scans_held(x.scans), 15);
    end(&x, 9000 * SECOND);
    assert_int_equal(x.told[x.n - 1].state, WEIR_SCAN_OVER);
    assert_int_equal(x.told[x.n - 1].packets, 20);
    assert_true(x.told[x.n - 1].flags & WEIR_SCAN_FLAG_SLOW);
    weir_scans_free(x.scans);
}

/* What no incident tells of is not held back: one port, again and again. */
static void nothing_is_held_without_a_scan(void **state)
{
    struct watched x;

    (void)state;
    begin(&x);
    for (unsigned i = 0; i < 10; i++)
        find(&x, WEIR_DET_SCAN_NULL, 77, i * 20 * SECOND, 1);
    assert_int_equal(x.n, 0);
    assert_int_equal(x.news, 10);
    weir_scans_free(x.scans);
}

/* The first count of the packet path has its last event; those behind a pause have none of their
 * own. */
static void the_last_event_is_of_the_first_count(void **state)
{
    struct weir_event last = event(WEIR_DET_SCAN_VERTICAL, 1, 12 * SECOND, 3);
    struct watched x;

    (void)state;
    begin(&x);
    touch(&x.record[1], 20);
    find(&x, WEIR_DET_SCAN_VERTICAL, 1, 0, 1);
    find(&x, WEIR_DET_SCAN_VERTICAL, 1, SECOND, 2);
    last.flags = WEIR_EVENT_FINAL;
    assert_true(weir_scans_event(x.scans, &last));
    find(&x, WEIR_DET_SCAN_VERTICAL, 1, 20 * SECOND, 1);
    find(&x, WEIR_DET_SCAN_VERTICAL, 1, 21 * SECOND, 2);
    assert_int_equal(x.news, 2);
    last.ts_ns = BEGIN + 31 * SECOND;
    assert_false(weir_scans_event(x.scans, &last));
    find(&x, WEIR_DET_SCAN_VERTICAL, 1, 40 * SECOND, 1);
    assert_int_equal(x.news, 3); /* 7 of them, 3 were told */
    end(&x, 200 * SECOND);
    assert_int_equal(x.told[x.n - 1].packets, 7);
    weir_scans_free(x.scans);
}

static void ask(struct weir_source *s, unsigned first, unsigned n)
{
    touch(s, 0);
    for (unsigned i = first; i < first + n; i++) {
        weir_contacts_add(&s->touched, i);
        weir_contacts_add(&s->ports, i);
    }
    s->tools = 1 << 1;
}

/* Three hosts with a part each; the same ports, another tool or a later begin are another scan. */
static void a_few_share_one(void **state)
{
    struct watched x;

    (void)state;
    begin(&x);
    for (unsigned i = 1; i < 4; i++)
        ask(&x.record[i], 60 * i, 40);
    x.record[2].opens = 1;
    x.record[2].open[0] = 22;
    x.record[3].opens = 1;
    x.record[3].open[0] = 80;
    for (unsigned i = 1; i < 4; i++)
        find(&x, WEIR_DET_SCAN_VERTICAL, i, SECOND / 10, 1);
    end(&x, SECOND);
    assert_int_equal(x.n, 1);
    assert_int_equal(x.told[0].sources, 3);
    assert_true(x.told[0].flags & WEIR_SCAN_FLAG_SHARED);
    assert_false(x.told[0].flags & WEIR_SCAN_FLAG_DECOYS);
    assert_true(x.told[0].ports >= 120);
    assert_int_equal(x.told[0].opens, 2);
    find(&x, WEIR_DET_SCAN_VERTICAL, 3, 2 * SECOND, 8);
    weir_scans_finish(x.scans);
    assert_int_equal(x.told[x.n - 1].packets, 10);
    assert_int_equal(x.told[x.n - 1].id, x.told[0].id);
    weir_scans_free(x.scans);
}

static void strangers_share_none(void **state)
{
    for (int why = 0; why < 4; why++) {
        struct watched x;

        (void)state;
        begin(&x);
        ask(&x.record[1], 60, 40);
        ask(&x.record[2], why == 0 ? 60 : 120, 40);
        if (why == 1)
            x.record[2].tools = 1 << 2;
        if (why == 2) /* begun later */
            x.record[2].since = (uint32_t)((BEGIN + 20 * SECOND) >> WEIR_TICK_SHIFT);
        find(&x, WEIR_DET_SCAN_VERTICAL, 1, 0, 1);
        if (why == 2) {
            struct weir_event late = event(WEIR_DET_SCAN_VERTICAL, 2, 21 * SECOND, 1);

            late.first_ns = late.ts_ns;
            weir_scans_event(x.scans, &late);
            find(&x, WEIR_DET_SCAN_VERTICAL, 1, 22 * SECOND, 1);
        } else {
            find(&x, why == 3 ? WEIR_DET_SCAN_ACK : WEIR_DET_SCAN_VERTICAL, 2, 0, 1);
        }
        weir_scans_finish(x.scans);
        assert_int_equal(x.told[x.n - 1].sources, 1);
        assert_int_not_equal(x.told[x.n - 1].id, x.told[0].id);
        weir_scans_free(x.scans);
    }
}

/* Who is told of by itself, too, while many ask the same address, is one of them. */
static void members_belong_to_the_distributed(void **state)
{
    struct weir_event many = event(WEIR_DET_SCAN_DISTRIBUTED, 1, SECOND / 10, 1);
    struct watched x;

    (void)state;
    begin(&x);
    for (unsigned i = 1; i < 4; i++)
        ask(&x.record[i], 60, 40);
    find(&x, WEIR_DET_SCAN_VERTICAL, 2, 0, 1);
    many.evidence[0] = 20;
    weir_scans_event(x.scans, &many);
    find(&x, WEIR_DET_SCAN_VERTICAL, 3, SECOND / 5, 1);
    end(&x, SECOND);
    find(&x, WEIR_DET_SCAN_VERTICAL, 2, 2 * SECOND, 2);
    weir_scans_finish(x.scans);
    for (int n = 0; n < x.n; n++)
        assert_int_equal(x.told[n].id, x.told[0].id);
    assert_true(x.told[0].flags & WEIR_SCAN_FLAG_DISTRIBUTED);
    assert_int_equal(x.told[x.n - 1].sources, 3);
    assert_int_equal(x.told[x.n - 1].packets, 4);
    weir_scans_free(x.scans);
}

static void the_oldest_gives_way(void **state)
{
    struct watched x;

    (void)state;
    begin(&x);
    for (unsigned i = 0; i <= WEIR_SCANS; i++) {
        struct weir_event ev = event(WEIR_DET_SCAN_ACK, 1000 + i, i * 1000, 1);

        for (; ev.count < 8; ev.count *= 2, ev.dport++)
            weir_scans_event(x.scans, &ev);
    }
    assert_int_equal(weir_scans_evicted(x.scans), 1);
    assert_int_equal(x.n, 1);
    assert_int_equal(x.told[0].state, WEIR_SCAN_OVER);
    assert_int_equal(x.told[0].id, 1);
    weir_scans_free(x.scans);
}

static void many_share_one(void **state)
{
    struct watched x;
    struct weir_event ev = event(WEIR_DET_SCAN_DISTRIBUTED, 1, 0, 1), other = ev;

    (void)state;
    begin(&x);
    ev.evidence[0] = 200;
    ev.evidence[1] = 40;
    ev.evidence[2] = 1000;
    weir_scans_event(x.scans, &ev);
    ev.src[15] = 2;
    weir_scans_event(x.scans, &ev);
    other.dst[15] = 98;
    weir_scans_event(x.scans, &other);
    weir_scans_finish(x.scans);
    assert_int_equal(x.n, 2);
    assert_int_equal(x.told[0].spread, 200);
    assert_int_equal(x.told[0].ports, 40);
    assert_int_equal(x.told[0].packets, 2);
    weir_scans_free(x.scans);
}

static void members_are_estimated(void **state)
{
    struct weir_contacts set = { { ~0ULL, ~0ULL, 0, 0 } };

    (void)state;
    assert_int_equal(weir_contacts_estimate(&set), 177); /* 256 ln 2 */
    set.w[0] = set.w[1] = 0;
    assert_int_equal(weir_contacts_estimate(&set), 0);
    set.w[0] = 1;
    assert_int_equal(weir_contacts_estimate(&set), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_findings_are_one_scan),
        cmocka_unit_test(one_odd_packet_is_none),
        cmocka_unit_test(decoys_are_one_set),
        cmocka_unit_test(the_real_one_is_named_with_evidence_only),
        cmocka_unit_test(known_to_be_one_later_is_told),
        cmocka_unit_test(a_slow_one_is_waited_for),
        cmocka_unit_test(nothing_is_held_without_a_scan),
        cmocka_unit_test(the_last_event_is_of_the_first_count),
        cmocka_unit_test(a_few_share_one),
        cmocka_unit_test(strangers_share_none),
        cmocka_unit_test(members_belong_to_the_distributed),
        cmocka_unit_test(the_oldest_gives_way),
        cmocka_unit_test(many_share_one),
        cmocka_unit_test(members_are_estimated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
