/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/addr.h"
#include "events/eve.h"

#include <stdlib.h>
#include <string.h>

static struct weir_event flow(const char *src, uint16_t sport, const char *dst, uint16_t dport)
{
    struct weir_event ev = { .proto = 6, .sport = sport, .dport = dport };

    assert_int_equal(weir_addr_parse(src, ev.src), 0);
    assert_int_equal(weir_addr_parse(dst, ev.dst), 0);
    return ev;
}

static void both_directions_share_it(void **state)
{
    struct weir_event there = flow("192.0.2.1", 40000, "198.51.100.1", 443);
    struct weir_event back = flow("198.51.100.1", 443, "192.0.2.1", 40000);

    (void)state;
    assert_true(weir_event_flow_id(&there) == weir_event_flow_id(&back));
    back.vlans = 1;
    back.vlan[0] = 7;
    assert_true(weir_event_flow_id(&there) == weir_event_flow_id(&back));
    there = flow("192.0.2.1", 1, "192.0.2.1", 2);
    back = flow("192.0.2.1", 2, "192.0.2.1", 1);
    assert_true(weir_event_flow_id(&there) == weir_event_flow_id(&back));
}

/* Stored lines are joined by it: the same connection has the same number in every release. */
static void it_never_changes(void **state)
{
    struct weir_event ev = flow("192.0.2.1", 40000, "198.51.100.1", 443);

    (void)state;
    assert_int_equal(weir_event_flow_id(&ev), 6803298202803236);
}

static void each_part_counts(void **state)
{
    struct weir_event ev = flow("192.0.2.1", 40000, "198.51.100.1", 443), other = ev;

    (void)state;
    other.proto = 17;
    assert_true(weir_event_flow_id(&ev) != weir_event_flow_id(&other));
    /* The ports swapped without the addresses: another connection. */
    other = flow("192.0.2.1", 443, "198.51.100.1", 40000);
    assert_true(weir_event_flow_id(&ev) != weir_event_flow_id(&other));
    for (int i = 0; i < 16; i++) {
        other = ev;
        other.src[i] ^= 1;
        assert_true(weir_event_flow_id(&ev) != weir_event_flow_id(&other));
    }
}

static void void_ports_do_not_count(void **state)
{
    struct weir_event ev = flow("192.0.2.1", 40000, "198.51.100.1", 443), other = ev;

    (void)state;
    ev.flags = other.flags = WEIR_EVENT_NO_PORTS;
    other.sport = 1;
    assert_true(weir_event_flow_id(&ev) == weir_event_flow_id(&other));
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* 65,536 neighbouring connections in 2^53 numbers: chance gives 2.4e-7 pairs. */
static void neighbours_do_not_collide(void **state)
{
    static uint64_t ids[65536];
    struct weir_event ev = flow("192.0.2.1", 0, "198.51.100.1", 443);

    (void)state;
    for (unsigned i = 0; i < 65536; i++) {
        ev.sport = (uint16_t)(i & 255);
        ev.src[15] = (uint8_t)(i >> 8);
        ids[i] = weir_event_flow_id(&ev);
        assert_true(ids[i] < 1ULL << 53);
    }
    qsort(ids, 65536, sizeof(*ids), by_value);
    for (unsigned i = 1; i < 65536; i++)
        assert_true(ids[i] != ids[i - 1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_directions_share_it),  cmocka_unit_test(it_never_changes),
        cmocka_unit_test(each_part_counts),          cmocka_unit_test(void_ports_do_not_count),
        cmocka_unit_test(neighbours_do_not_collide),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
