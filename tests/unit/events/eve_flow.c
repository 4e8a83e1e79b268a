/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include "base/addr.h"
#include "base/cleanup.h"
#include "events/eve_flow.h"

#include <jansson.h>
#include <string.h>

#include "harness/random.h"

#define START 1795407712123456789ULL

static struct weir_flow_event closed(void)
{
    struct weir_flow_event ev = { .abi = WEIR_ABI,
                                  .len = sizeof(ev),
                                  .type = WEIR_EVENT_FLOW,
                                  .ts_ns = START + 20000000000,
                                  .why = WEIR_END_CLOSED };
    struct weir_flow *f = &ev.flow;

    assert_int_equal(weir_addr_parse("192.0.2.1", f->src), 0);
    assert_int_equal(weir_addr_parse("198.51.100.1", f->dst), 0);
    f->sport = 40000;
    f->dport = 443;
    f->start_ns = START;
    f->marks = WEIR_FLOW_LOCAL_SERVER | WEIR_FLOW_PERF;
    f->synack_fine = 1000;
    f->ack_fine = 9766;
    f->again = 0x21;
    f->perf[0] = (struct weir_flow_perf){ .mss = 1460, .vlan = 7, .duplicate_acks = 4 };
    f->perf[1] = (struct weir_flow_perf){ .srtt = 48829,
                                          .rtt_min = 40000,
                                          .rtt_samples = 3,
                                          .retransmitted = 2,
                                          .strikes[WEIR_STRIKE_RST] = { .total = 5 } };
    for (int i = 0; i < 2; i++)
        f->side[i] = (struct weir_flow_side){
            .flags = WEIR_SIDE_SEEN | WEIR_SIDE_SYN | WEIR_SIDE_ACKED | WEIR_SIDE_FIN,
            .packets = 10 - (unsigned)i,
            .bytes = i ? 5000 : 600,
            .close = 100,
            .ack = 100,
            .wscale = i ? 7 | WEIR_SENT_PSH : 7,
            .ttl = 60,
            .last_tick = (uint32_t)((START + 5000000000) >> WEIR_TICK_SHIFT) - (uint32_t)i,
        };
    return ev;
}

static json_t *written(const struct weir_flow_event *ev)
{
    const struct weir_eve_source from = { .in_iface = "eth0" };
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };
    json_t *root;

    weir_eve_flow_write(&b, ev, &from);
    assert_int_equal(b.data[b.len - 1], '\n');
    root = json_loadb(b.data, b.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    return root;
}

static const char *text(json_t *root, const char *object, const char *key)
{
    const char *s =
        json_string_value(json_object_get(object ? json_object_get(root, object) : root, key));

    return s ? s : "(none)";
}

static json_int_t number(json_t *root, const char *object, const char *inner, const char *key)
{
    json_t *o = object ? json_object_get(root, object) : root;

    return json_integer_value(json_object_get(inner ? json_object_get(o, inner) : o, key));
}

static void a_closed_connection(void **state)
{
    struct weir_flow_event ev = closed();
    json_t *root = written(&ev);

    (void)state;
    assert_string_equal(text(root, NULL, "event_type"), "flow");
    assert_string_equal(text(root, NULL, "src_ip"), "192.0.2.1");
    assert_string_equal(text(root, NULL, "dest_ip"), "198.51.100.1");
    assert_string_equal(text(root, NULL, "proto"), "TCP");
    assert_string_equal(text(root, NULL, "in_iface"), "eth0");
    assert_int_equal(json_integer_value(json_array_get(json_object_get(root, "vlan"), 0)), 7);
    assert_int_equal(number(root, "flow", NULL, "pkts_toserver"), 10);
    assert_int_equal(number(root, "flow", NULL, "pkts_toclient"), 9);
    assert_int_equal(number(root, "flow", NULL, "bytes_toserver"), 600);
    assert_int_equal(number(root, "flow", NULL, "bytes_toclient"), 5000);
    assert_int_equal(number(root, "flow", NULL, "age"), 4);
    assert_string_equal(text(root, "flow", "start"), "2026-11-23T04:21:52.123456+0000");
    assert_memory_equal(text(root, "flow", "end"), "2026-11-23T04:21:57.12", 22);
    assert_string_equal(text(root, "flow", "state"), "closed");
    assert_string_equal(text(root, "flow", "reason"), "timeout");
    assert_string_equal(text(root, "tcp", "tcp_flags"), "1b");
    assert_string_equal(text(root, "tcp", "tcp_flags_ts"), "13");
    assert_string_equal(text(root, "tcp", "tcp_flags_tc"), "1b");
    assert_string_equal(text(root, "tcp", "state"), "closed");
    assert_string_equal(text(root, "weir", "reason"), "closed");
    assert_string_equal(text(root, "weir", "state"), "time_wait");
    assert_string_equal(text(root, "weir", "path"), "ingress");
    assert_int_equal(number(root, "weir", NULL, "handshake_server_us"), 1024);
    assert_int_equal(number(root, "weir", NULL, "handshake_client_us"), 10000);
    assert_int_equal(number(root, "weir", NULL, "syn_again"), 1);
    assert_int_equal(number(root, "weir", NULL, "synack_again"), 2);
    assert_int_equal(number(root, "weir", "server", "rtt_us"), 50000);
    assert_int_equal(number(root, "weir", "server", "retransmitted"), 2);
    assert_int_equal(number(root, "weir", "client", "duplicate_acks"), 4);
    assert_int_equal(number(root, "weir", "counts", "seq.blind_rst"), 5);
    json_decref(root);
}

/* Sides, marks of the end, and what becomes of them in Suricata's words. */
static void states_and_reasons(void **state)
{
    static const struct {
        uint16_t client, server;
        const char *state, *tcp, *ours;
    } row[] = {
        { WEIR_SIDE_SEEN | WEIR_SIDE_SYN, 0, "new", "syn_sent", "syn_sent" },
        { WEIR_SIDE_SEEN | WEIR_SIDE_SYN, WEIR_SIDE_SEEN | WEIR_SIDE_SYN | WEIR_SIDE_ACKED, "new",
          "syn_recv", "syn_recv" },
        { WEIR_SIDE_SEEN | WEIR_SIDE_LOOSE, 0, "new", "none", "stray" },
        { WEIR_SIDE_SEEN | WEIR_SIDE_LOOSE, WEIR_SIDE_SEEN | WEIR_SIDE_LOOSE, "established",
          "established", "established" },
        { WEIR_SIDE_SEEN | WEIR_SIDE_LOOSE | WEIR_SIDE_FIN,
          WEIR_SIDE_SEEN | WEIR_SIDE_LOOSE | WEIR_SIDE_ACKED, "established", "fin_wait2",
          "close_wait" },
        { WEIR_SIDE_SEEN | WEIR_SIDE_LOOSE | WEIR_SIDE_ACKED,
          WEIR_SIDE_SEEN | WEIR_SIDE_LOOSE | WEIR_SIDE_FIN, "established", "close_wait",
          "close_wait" },
        { WEIR_SIDE_SEEN | WEIR_SIDE_LOOSE | WEIR_SIDE_RST, WEIR_SIDE_SEEN | WEIR_SIDE_LOOSE,
          "closed", "closed", "closed" },
    };
    static const char *const reason[WEIR_END_MAX][2] = {
        { NULL, NULL },          { "forced", "evicted" },  { "forced", "reused" },
        { "timeout", "closed" }, { "timeout", "timeout" }, { "shutdown", "shutdown" },
    };
    struct weir_flow_event ev = closed();

    (void)state;
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        json_t *root;

        ev.flow.side[0].flags = row[i].client;
        ev.flow.side[1].flags = row[i].server;
        root = written(&ev);
        assert_string_equal(text(root, "flow", "state"), row[i].state);
        assert_string_equal(text(root, "tcp", "state"), row[i].tcp);
        assert_string_equal(text(root, "weir", "state"), row[i].ours);
        if (!row[i].server)
            assert_int_equal(number(root, "flow", NULL, "pkts_toclient"), 0);
        json_decref(root);
    }
    for (unsigned why = 1; why < WEIR_END_MAX; why++) {
        json_t *root;

        ev.why = why;
        root = written(&ev);
        assert_string_equal(text(root, "flow", "reason"), reason[why][0]);
        assert_string_equal(text(root, "weir", "reason"), reason[why][1]);
        json_decref(root);
    }
}

/* A finding's line and the flow's have the same number. */
static void same_flow_id_as_findings(void **state)
{
    struct weir_flow_event ev = closed();
    struct weir_event finding = { .sport = 443, .dport = 40000, .proto = 6 };

    (void)state;
    memcpy(finding.src, ev.flow.dst, 16);
    memcpy(finding.dst, ev.flow.src, 16);
    assert_int_equal(weir_event_flow_id(&finding), weir_flow_id(&ev.flow));
}

/* The ring is distrusted: what passes the check is written as JSON, whatever stands in it. */
static void any_bytes(void **state)
{
    struct weir_random random = { 11 };
    struct weir_flow_event ev;

    (void)state;
    for (unsigned i = 0; i < 5000; i++) {
        weir_random_bytes(&random, (uint8_t *)&ev, sizeof(ev));
        assert_false(weir_flow_event_valid(&ev, sizeof(ev)));
        ev.abi = WEIR_ABI;
        ev.len = sizeof(ev);
        ev.type = WEIR_EVENT_FLOW;
        ev.why = 1 + i % (WEIR_END_MAX - 1);
        ev.flow.origin %= WEIR_ORIGIN_MAX;
        ev.flow.side[0].bytes >>= 1; /* jansson's integers end at 2^63 */
        ev.flow.side[1].bytes >>= 1;
        assert_false(weir_flow_event_valid(&ev, sizeof(ev) - 1));
        assert_true(weir_flow_event_valid(&ev, sizeof(ev)));
        json_decref(written(&ev));
        ev.why = WEIR_END_MAX;
        assert_false(weir_flow_event_valid(&ev, sizeof(ev)));
    }
}

static void one_line_for_people(void **state)
{
    const struct weir_eve_source from = { 0 };
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };
    struct weir_flow_event ev = closed();

    (void)state;
    weir_text_flow_write(&b, &ev, &from);
    weir_buf_add_char(&b, '\0');
    assert_non_null(strstr(b.data, "192.0.2.1:40000 -> 198.51.100.1:443"));
    assert_non_null(strstr(b.data, "closed after 5.000"));
    assert_non_null(strstr(b.data, "packets 10/9  bytes 600/5000  retransmitted 0/2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_closed_connection),      cmocka_unit_test(states_and_reasons),
        cmocka_unit_test(same_flow_id_as_findings), cmocka_unit_test(any_bytes),
        cmocka_unit_test(one_line_for_people),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
