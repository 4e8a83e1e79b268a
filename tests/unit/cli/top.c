/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/top.h"

static json_t *answer(const char *text)
{
    json_error_t e;
    json_t *root = json_loads(text, 0, &e);

    if (!root)
        fail_msg("%s", e.text);
    return root;
}

/* Two seconds lie between them. */
#define BEFORE                                                                                     \
    "{\"clock_ns\":1000000000,\"mode\":\"observe\",\"interfaces\":[{\"name\":\"eth0\",\"hooks\":[" \
    "{"                                                                                            \
    "\"hook\":\"xdp\",\"kind\":\"xdp\",\"packets\":1000,\"bytes\":60000,\"drops\":0}]}],"          \
    "\"counters\":{\"drop_ban\":10,\"bytes\":99},\"losses\":{\"lost_window\":0},"                  \
    "\"detections\":{\"scan.fin\":{\"found\":1,\"noted\":0}},\"incidents\":[{\"source\":"          \
    "\"192.0.2.1\",\"detection\":\"scan.fin\",\"severity\":\"high\",\"packets\":1}],"              \
    "\"incidents_running\":1,\"bans\":[],\"bans_held\":0}"
#define NOW                                                                                        \
    "{\"clock_ns\":3000000000,\"mode\":\"observe\",\"interfaces\":[{\"name\":\"eth0\",\"hooks\":[" \
    "{"                                                                                            \
    "\"hook\":\"xdp\",\"kind\":\"xdp\",\"packets\":41000,\"bytes\":2460000,\"drops\":30}]},"       \
    "{\"name\":\"e\\u001b[2J\",\"hooks\":[{\"hook\":\"xdp\",\"kind\":\"xdp\",\"packets\":8,"       \
    "\"bytes\":800,\"drops\":0,\"shared\":true}]}],\"counters\":{\"drop_ban\":40,"                 \
    "\"drop_deny\":0,\"would_drop_ban\":5,\"bytes\":999},\"losses\":{\"lost_window\":2},"          \
    "\"detections\":{\"scan.fin\":{\"found\":3,\"noted\":2},\"integrity.land\":{\"found\":500,"    \
    "\"noted\":0}},\"incidents\":[{\"source\":\"198.51.100.9\",\"detection\":\"integrity.land\","  \
    "\"severity\":\"high\",\"packets\":500,\"age_ms\":1500,\"dest_ip\":\"203.0.113.1\","           \
    "\"dest_port\":80},{\"source\":\"192.0.2.1\",\"detection\":\"scan.fin\",\"severity\":"         \
    "\"high\",\"packets\":3,\"age_ms\":9000},{\"source\":\"192.0.2.1\",\"detection\":"             \
    "\"integrity.land\",\"severity\":\"high\",\"packets\":2,\"age_ms\":1}],"                       \
    "\"incidents_running\":70,\"bans\":[{\"prefix\":\"192.0.2.0/24\",\"kind\":\"ban\","            \
    "\"packets\":7,\"reason\":\"why\",\"expires_in_s\":60}],\"bans_held\":1}"

static struct weir_top two_answers(void)
{
    struct weir_top t = { 0 };

    weir_top_push(&t, answer(BEFORE));
    weir_top_push(&t, answer(NOW));
    return t;
}

static const struct weir_top_view *view(const char *name)
{
    for (const struct weir_top_view *v = weir_top_views; v->name; v++)
        if (!strcmp(v->name, name))
            return v;
    fail_msg("no view %s", name);
    return NULL;
}

static double number(json_t *rows, size_t i, const char *key)
{
    json_t *v = json_object_get(json_array_get(rows, i), key);

    assert_non_null(v);
    return json_number_value(v);
}

static const char *text(json_t *rows, size_t i, const char *key)
{
    return json_string_value(json_object_get(json_array_get(rows, i), key));
}

static void rates_are_of_two_answers(void **state)
{
    _cleanup_(weir_top_free) struct weir_top t = two_answers();
    json_t *rows = weir_top_rows(&t, view("interfaces"));

    (void)state;
    assert_true(weir_top_seconds(&t) == 2.0);
    assert_int_equal(json_array_size(rows), 2);
    assert_true(number(rows, 0, "packets_per_s") == 20000.0);
    assert_true(number(rows, 0, "bytes_per_s") == 1200000.0);
    assert_true(number(rows, 0, "drops_per_s") == 15.0);
    assert_true(number(rows, 0, "packets") == 41000.0);
    assert_true(number(rows, 1, "packets_per_s") == 4.0); /* new: all of it is */
    json_decref(rows);
    rows = weir_top_rows(&t, view("verdicts"));
    assert_int_equal(json_array_size(rows), 2); /* bytes is none, and drop_deny never was */
    assert_string_equal(text(rows, 0, "name"), "drop_ban");
    assert_true(number(rows, 0, "per_s") == 15.0);
    json_decref(rows);
    rows = weir_top_rows(&t, view("losses"));
    assert_true(number(rows, 0, "per_s") == 1.0);
    json_decref(rows);
}

static void one_answer_has_totals_only(void **state)
{
    _cleanup_(weir_top_free) struct weir_top t = { 0 };
    json_t *rows;

    (void)state;
    weir_top_push(&t, answer(NOW));
    assert_true(weir_top_seconds(&t) == 0.0);
    rows = weir_top_rows(&t, view("detections"));
    assert_true(number(rows, 0, "per_s") == 0.0);
    assert_true(number(rows, 0, "packets") == 500.0);
    json_decref(rows);
}

/* The counters of another instance: what they say now is what there was. */
static void counters_that_went_back_began_anew(void **state)
{
    _cleanup_(weir_top_free) struct weir_top t = { 0 };
    json_t *rows;

    (void)state;
    weir_top_push(&t, answer(NOW));
    weir_top_push(&t, answer("{\"clock_ns\":4000000000,\"losses\":{\"lost_window\":1}}"));
    rows = weir_top_rows(&t, view("losses"));
    assert_true(number(rows, 0, "per_s") == 1.0);
    json_decref(rows);
}

static void sorted_as_asked(void **state)
{
    static const char *const first[WEIR_TOP_SORTS] = { "integrity.land", "integrity.land",
                                                       "scan.fin" };
    _cleanup_(weir_top_free) struct weir_top t = two_answers();

    (void)state;
    for (int sort = 0; sort < WEIR_TOP_SORTS; sort++) {
        json_t *rows;

        t.sort = (enum weir_top_sort)sort;
        rows = weir_top_rows(&t, view("sources"));
        assert_int_equal(json_array_size(rows), 3);
        if (sort == WEIR_TOP_BY_NAME)
            assert_string_equal(text(rows, 0, "source"), "192.0.2.1");
        else
            assert_string_equal(text(rows, 0, "detection"), first[sort]);
        json_decref(rows);
    }
    t.sort = WEIR_TOP_BY_RATE; /* the same source twice, told apart by its detection */
    {
        json_t *rows = weir_top_rows(&t, view("sources"));

        assert_true(number(rows, 1, "per_s") == 1.0);
        assert_true(number(rows, 2, "per_s") == 1.0);
        json_decref(rows);
    }
}

static size_t lines_of(const struct weir_buf *b)
{
    size_t n = 0;

    for (size_t i = 0; i < b->len; i++)
        n += b->data[i] == '\n';
    return n;
}

static void a_table_says_what_it_leaves_out(void **state)
{
    _cleanup_(weir_top_free) struct weir_top t = two_answers();

    (void)state;
    for (size_t max = 0; max < 6; max++) {
        _cleanup_(weir_buf_free) struct weir_buf b = { 0 };
        size_t lines = weir_top_table(&t, view("sources"), max, 0, &b);

        assert_int_equal(lines, lines_of(&b));
        assert_in_range(lines, 1, max < 4 ? max + 1 : 5);
        weir_buf_add_char(&b, '\0');
        if (max == 2)
            assert_non_null(strstr(b.data, "  69 more\n"));
        if (max == 5)
            assert_non_null(strstr(b.data, "  67 more\n"));
    }
}

static void lines_are_cut_and_harmless(void **state)
{
    _cleanup_(weir_top_free) struct weir_top t = two_answers();

    (void)state;
    for (size_t width = 1; width < 130; width++) {
        _cleanup_(weir_buf_free) struct weir_buf b = { 0 };
        size_t column = 0;

        for (const struct weir_top_view *v = weir_top_views; v->name; v++)
            (void)weir_top_table(&t, v, 10, width, &b);
        weir_top_title(&t, width, &b);
        for (size_t i = 0; i < b.len; i++) {
            column = b.data[i] == '\n' ? 0 : column + 1;
            assert_true(column <= width);
            assert_true(b.data[i] == '\n' || (b.data[i] >= ' ' && b.data[i] < 0x7f));
        }
    }
}

static void what_a_person_reads(void **state)
{
    _cleanup_(weir_top_free) struct weir_top t = two_answers();
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };

    (void)state;
    weir_top_title(&t, 0, &b);
    (void)weir_top_table(&t, view("interfaces"), 10, 0, &b);
    (void)weir_top_table(&t, view("bans"), 10, 0, &b);
    weir_buf_add_char(&b, '\0');
    assert_string_equal(
        b.data,
        "weir top  observe  by rate  over 2.0 s\n"
        "interfaces       hook        by           packets/s   bytes/s   drops/s   packets     "
        "drops\n"
        "eth0             xdp         xdp              20.0k      1.2M        15     41.0k        "
        "30\n"
        "e?[2J*           xdp         xdp                4.0       400         0         8         "
        "0\n"
        "bans                     kind   packets/s   packets   s left reason\n"
        "192.0.2.0/24             ban          3.5         7       60 why\n");
}

static void all_views_in_one_object(void **state)
{
    _cleanup_(weir_top_free) struct weir_top t = two_answers();
    json_t *all = weir_top_json(&t);

    (void)state;
    assert_true(json_number_value(json_object_get(all, "seconds")) == 2.0);
    assert_string_equal(json_string_value(json_object_get(all, "mode")), "observe");
    for (const struct weir_top_view *v = weir_top_views; v->name; v++)
        assert_true(json_is_array(json_object_get(all, v->name)));
    assert_int_equal(json_integer_value(json_object_get(all, "sources_in_all")), 70);
    json_decref(all);
}

#define FLOW(bytes)                                                                                \
    "{\"flow_id\":7,\"src_ip\":\"192.0.2.1\",\"src_port\":4000,\"dest_ip\":\"2001:db8::1\","       \
    "\"dest_port\":443,\"flow\":{\"bytes_toserver\":100,\"bytes_toclient\":" bytes                 \
    ",\"start\":\"a\"},\"weir\":{\"state\":\"established\",\"client\":{\"rtt_us\":50500,"          \
    "\"retransmitted\":2},\"server\":{\"retransmitted\":1}},\"age_ms\":5000}"
#define SERVICE(connections, bytes)                                                                \
    "{\"address\":\"203.0.113.10\",\"port\":443,\"local\":true,\"connections\":" connections       \
    ",\"running\":1,\"failed\":{\"silent\":1,\"refused\":2},\"client\":{\"bytes\":" bytes          \
    ",\"packets\":90,\"retransmitted\":9},\"server\":{\"packets\":10,\"retransmitted\":1},"        \
    "\"handshake_client_us\":{\"p50\":51000},\"rtt_client_us\":{\"p50\":123000}}"

static void services_and_flows(void **state)
{
    _cleanup_(weir_top_free) struct weir_top t = { 0 };
    _cleanup_(weir_buf_free) struct weir_buf b = { 0 };
    json_t *rows;

    (void)state;
    weir_top_push(&t, answer("{\"clock_ns\":1000000000,\"flows\":[" FLOW(
                          "1000") "],\"services\":[" SERVICE("10", "100") "]}"));
    weir_top_push(&t,
                  answer("{\"clock_ns\":3000000000,\"flows_seen\":90,\"flows\":[" FLOW(
                      "3000") "],\"services_known\":1,\"services\":[" SERVICE("16", "4100") "]}"));
    rows = weir_top_rows(&t, view("flows"));
    assert_true(number(rows, 0, "bytes_per_s") == 1000.0);
    assert_true(number(rows, 0, "again") == 3.0);
    json_decref(rows);
    rows = weir_top_rows(&t, view("services"));
    assert_true(number(rows, 0, "per_s") == 3.0);
    assert_true(number(rows, 0, "bytes_per_s") == 2000.0);
    assert_true(number(rows, 0, "failed") == 3.0);
    json_decref(rows);
    (void)weir_top_table(&t, view("services"), 10, 0, &b);
    (void)weir_top_table(&t, view("flows"), 10, 0, &b);
    weir_buf_add_char(&b, '\0');
    assert_string_equal(
        b.data,
        "services                    conns/s  running  failed  bytes/s server ms client ms   rtt "
        "ms  again %\n"
        "203.0.113.10:443                3.0        1       3     2000               51.00      "
        "123       10\n"
        "flows                                         bytes/s   bytes  seconds client ms server "
        "ms  again 0 win ms\n"
        "192.0.2.1:4000 > [2001:db8::1]:443               1000    3100        5     50.50          "
        "      3        0\n"
        "  89 more\n");
}

/* Whatever the daemon says, also one of another version. */
static void answers_may_lack_anything(void **state)
{
    static const char *const odd[] = {
        "{}",
        "{\"interfaces\":1,\"counters\":[],\"detections\":null,\"incidents\":{},\"bans\":\"\"}",
        "{\"interfaces\":[1,{\"hooks\":[null,{}]}],\"detections\":{\"a\":1},\"incidents\":[{},2],"
        "\"services\":[3,{},{\"failed\":[],\"client\":1,\"rtt_client_us\":2}],"
        "\"flows\":[4,{},{\"weir\":1,\"flow\":[]}]}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        _cleanup_(weir_top_free) struct weir_top t = { 0 };
        _cleanup_(weir_buf_free) struct weir_buf b = { 0 };

        weir_top_push(&t, answer(odd[i]));
        weir_top_push(&t, answer(odd[(i + 1) % 3]));
        for (const struct weir_top_view *v = weir_top_views; v->name; v++)
            (void)weir_top_table(&t, v, 10, 80, &b);
        weir_top_title(&t, 80, &b);
        assert_false(b.failed);
        json_decref(weir_top_json(&t));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_are_of_two_answers),
        cmocka_unit_test(one_answer_has_totals_only),
        cmocka_unit_test(counters_that_went_back_began_anew),
        cmocka_unit_test(sorted_as_asked),
        cmocka_unit_test(a_table_says_what_it_leaves_out),
        cmocka_unit_test(lines_are_cut_and_harmless),
        cmocka_unit_test(what_a_person_reads),
        cmocka_unit_test(services_and_flows),
        cmocka_unit_test(all_views_in_one_object),
        cmocka_unit_test(answers_may_lack_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
