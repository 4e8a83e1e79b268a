/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/request.h"

static int parse(const char *text, struct weir_request *q, struct weir_error *e)
{
    e->text[0] = '\0';
    return weir_request_parse(text, strlen(text), q, e);
}

static void every_command(void **state)
{
    struct weir_request q;
    struct weir_error e;
    char text[WEIR_ADDR_TEXT];

    (void)state;
    assert_int_equal(parse("{\"command\":\"status\"}", &q, &e), 0);
    assert_int_equal(q.ask, WEIR_ASK_STATUS);
    assert_int_equal(parse("{\"command\":\"events\",\"follow\":true,\"text\":false}", &q, &e), 0);
    assert_true(q.follow && !q.text);
    assert_int_equal(parse("{\"command\":\"ban\",\"prefix\":\"192.0.2.0/24\",\"seconds\":600,"
                           "\"reason\":\"why\"}",
                           &q, &e),
                     0);
    assert_int_equal(q.prefix.bits, 120);
    assert_string_equal(weir_addr_format(q.prefix.addr, text), "192.0.2.0");
    assert_int_equal(q.seconds, 600);
    assert_string_equal(q.reason, "why");
    assert_int_equal(parse("{\"command\":\"unban\",\"prefix\":\"2001:db8::1\"}", &q, &e), 0);
    assert_int_equal(q.prefix.bits, 128);
    assert_int_equal(parse("{\"command\":\"mode\",\"mode\":\"enforce\"}", &q, &e), 0);
    assert_int_equal(q.mode, WEIR_MODE_ENFORCE);
    assert_int_equal(parse("{\"command\":\"top\"}", &q, &e), 0);
    assert_int_equal(parse("{\"command\":\"explain\",\"address\":\"192.0.2.1\",\"port\":0,"
                           "\"dest\":\"2001:db8::1\",\"dest_port\":65535,\"text\":true}",
                           &q, &e),
                     0);
    assert_string_equal(weir_addr_format(q.question.addr, text), "192.0.2.1");
    assert_string_equal(weir_addr_format(q.question.dest, text), "2001:db8::1");
    assert_true(q.question.has_port && q.question.has_dest && q.question.has_dest_port && q.text);
    assert_int_equal(q.question.port, 0);
    assert_int_equal(q.question.dest_port, 65535);
    assert_int_equal(parse("{\"command\":\"explain\",\"address\":\"192.0.2.1\"}", &q, &e), 0);
    assert_false(q.question.has_port || q.question.has_dest || q.question.has_dest_port);
    assert_int_equal(parse("{\"command\":\"flows\"}", &q, &e), 0);
    assert_int_equal(q.flows.sort, WEIR_FLOWS_BY_BYTES);
    assert_true(q.flows.max == 50 && !q.flows.has_addr && !q.flows.half_open);
    assert_int_equal(parse("{\"command\":\"flows\",\"sort\":\"rtt\",\"max\":1000,\"port\":443,"
                           "\"address\":\"192.0.2.1\",\"half_open\":true}",
                           &q, &e),
                     0);
    assert_int_equal(q.flows.sort, WEIR_FLOWS_BY_RTT);
    assert_true(q.flows.max == 1000 && q.flows.has_addr && q.flows.has_port && q.flows.half_open);
    assert_int_equal(q.flows.port, 443);
    assert_int_equal(parse("{\"command\":\"services\",\"sort\":\"failures\",\"max\":1,"
                           "\"text\":true}",
                           &q, &e),
                     0);
    assert_true(q.sort == WEIR_SERVICES_BY_FAILURES && q.max == 1 && q.text);
    assert_int_equal(parse("{\"command\":\"stop\"}", &q, &e), 0);
    assert_int_equal(q.ask, WEIR_ASK_STOP);
    assert_int_equal(parse("{\"command\":\"ban\",\"prefix\":\"192.0.2.1\",\"force\":true}", &q, &e),
                     0);
    assert_true(q.force);
    assert_int_equal(q.scope, WEIR_SCOPE_ALL);
    assert_int_equal(
        parse("{\"command\":\"ban\",\"prefix\":\"192.0.2.1\",\"scope\":\"new\"}", &q, &e), 0);
    assert_int_equal(q.scope, WEIR_SCOPE_NEW);
    assert_int_equal(parse("{\"command\":\"policy show\"}", &q, &e), 0);
    assert_int_equal(q.ask, WEIR_ASK_POLICY_SHOW);
    assert_null(q.bundle);
    assert_int_equal(parse("{\"command\":\"policy apply\",\"bundle\":\"x\\ny\"}", &q, &e), 0);
    assert_int_equal(q.ask, WEIR_ASK_POLICY_APPLY);
    assert_string_equal(q.bundle, "x\ny");
    weir_request_free(&q);
    assert_null(q.bundle);
}

static void what_is_refused_is_named(void **state)
{
    static const struct {
        const char *text, *names;
    } bad[] = {
        { "", "JSON" },
        { "{", "JSON" },
        { "[]", "command" },
        { "null", "JSON" },
        { "{}", "command" },
        { "{\"command\":1}", "command" },
        { "{\"command\":\"fly\"}", "command" },
        { "{\"command\":\"bans\",\"command\":\"stop\"}", "duplicate" },
        { "{\"command\":\"status\",\"more\":1}", "member" },
        { "{\"command\":\"status\",\"mode\":\"observe\"}", "member" },
        { "{\"command\":\"explain\"}", "address" },
        { "{\"command\":\"explain\",\"address\":\"192.0.2.0/24\"}", "address" },
        { "{\"command\":\"explain\",\"address\":\"::\",\"port\":65536}", "port" },
        { "{\"command\":\"explain\",\"address\":\"::\",\"dest_port\":-1}", "dest_port" },
        { "{\"command\":\"explain\",\"address\":\"::\",\"dest\":1}", "dest" },
        { "{\"command\":\"ban\"}", "prefix" },
        { "{\"command\":\"ban\",\"prefix\":7}", "prefix" },
        { "{\"command\":\"ban\",\"prefix\":\"192.0.2.1/24\"}", "prefix" },
        { "{\"command\":\"ban\",\"prefix\":\"192.0.2.1\",\"seconds\":-1}", "seconds" },
        { "{\"command\":\"ban\",\"prefix\":\"192.0.2.1\",\"seconds\":9223372036854775807}",
          "seconds" },
        { "{\"command\":\"ban\",\"prefix\":\"192.0.2.1\",\"seconds\":1.5}", "seconds" },
        { "{\"command\":\"ban\",\"prefix\":\"192.0.2.1\",\"reason\":[]}", "reason" },
        { "{\"command\":\"mode\",\"mode\":\"unknown\"}", "mode" },
        { "{\"command\":\"events\",\"follow\":1}", "follow" },
        { "{\"command\":\"ban\",\"prefix\":\"192.0.2.1\",\"force\":1}", "force" },
        { "{\"command\":\"ban\",\"prefix\":\"192.0.2.1\",\"scope\":\"udp\"}", "scope" },
        { "{\"command\":\"ban\",\"prefix\":\"192.0.2.1\",\"scope\":2}", "scope" },
        { "{\"command\":\"unban\",\"prefix\":\"192.0.2.1\",\"force\":true}", "member" },
        { "{\"command\":\"policy apply\"}", "bundle" },
        { "{\"command\":\"policy apply\",\"bundle\":7}", "bundle" },
        { "{\"command\":\"policy apply\",\"bundle\":\"a\\u0000b\"}", "JSON" },
        { "{\"command\":\"policy apply\",\"bundle\":\"x\",\"more\":1}", "member" },
        { "{\"command\":\"events\",\"text\":\"yes\"}", "text" },
        { "{\"command\":\"flows\",\"sort\":\"latency\"}", "zero_window" },
        { "{\"command\":\"flows\",\"max\":0}", "1 to 1000" },
        { "{\"command\":\"flows\",\"max\":1001}", "1 to 1000" },
        { "{\"command\":\"flows\",\"port\":80}", "address" },
        { "{\"command\":\"flows\",\"text\":true}", "member" },
        { "{\"command\":\"flows\",\"half_open\":1}", "half_open" },
        { "{\"command\":\"floods\",\"forget\":1}", "true or false" },
        { "{\"command\":\"floods\",\"max\":0}", "1 to 65536" },
        { "{\"command\":\"floods\",\"usual\":[]}", "usual" },
        { "{\"command\":\"floods\",\"usual\":[1]}", "kind" },
        { "{\"command\":\"floods\",\"usual\":[{\"kind\":\"network\"}]}", "kind" },
        { "{\"command\":\"floods\",\"usual\":[{\"kind\":\"address\",\"address\":\"192.0.2\"}]}",
          "address" },
        { "{\"command\":\"floods\",\"usual\":[{\"kind\":\"service\",\"address\":\"192.0.2.1\","
          "\"syn_usual_per_s\":1}]}",
          "port" },
        { "{\"command\":\"floods\",\"usual\":[{\"kind\":\"service\",\"address\":\"192.0.2.1\","
          "\"port\":1}"
          "]}",
          "syn_usual_per_s" },
        { "{\"command\":\"floods\",\"usual\":[{\"kind\":\"address\",\"address\":\"192.0.2.1\","
          "\"syn_usual_per_s\":1,\"half_open_usual\":-1}]}",
          "half_open_usual" },
        { "{\"command\":\"services\",\"sort\":\"rtt\"}", "latency" },
        { "{\"command\":\"services\",\"max\":257}", "1 to 256" },
        { "{\"command\":\"services\",\"address\":\"192.0.2.1\"}", "member" },
    };
    struct weir_request q;
    struct weir_error e;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(parse(bad[i].text, &q, &e), -EINVAL);
        if (!strstr(e.text, bad[i].names))
            fail_msg("%s: %s", bad[i].text, e.text);
    }
}

static void what_is_usual(void **state)
{
    struct weir_request q;
    struct weir_error e;

    (void)state;
    assert_int_equal(
        parse("{\"command\":\"floods\",\"max\":7,\"usual\":[{\"kind\":\"service\",\"address\":"
              "\"192.0.2.1\",\"port\":443,\"syn_usual_per_s\":12,\"half_open_usual\":3},{\"kind\":"
              "\"address\",\"address\":\"2001:db8::1\",\"syn_usual_per_s\":4}]}",
              &q, &e),
        0);
    assert_int_equal(q.floods_max, 7);
    assert_int_equal(q.usuals, 2);
    assert_int_equal(q.usual[0].port, 443);
    assert_int_equal(q.usual[0].half, 3);
    assert_int_equal(q.usual[1].kind, WEIR_DEST_HOST);
    assert_int_equal(q.usual[1].syn, 4);
    weir_request_free(&q);
}

static void reason_has_a_bound(void **state)
{
    char text[256];
    struct weir_request q;
    struct weir_error e;

    (void)state;
    for (int len = WEIR_BAN_REASON - 1; len <= WEIR_BAN_REASON; len++) {
        (void)snprintf(text, sizeof(text),
                       "{\"command\":\"ban\",\"prefix\":\"192.0.2.1\",\"reason\":\"%0*d\"}", len,
                       0);
        assert_int_equal(parse(text, &q, &e), len < WEIR_BAN_REASON ? 0 : -EINVAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command),
        cmocka_unit_test(what_is_refused_is_named),
        cmocka_unit_test(what_is_usual),
        cmocka_unit_test(reason_has_a_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
