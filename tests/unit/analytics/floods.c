/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/floods.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/dest_turn.h"
#include "harness/run.h"

#define SECOND 1000000000ULL

static struct weir_dest *make(struct weir_dest_set *set, uint8_t last, uint16_t port)
{
    const uint8_t addr[16] = { [10] = 0xff, [11] = 0xff, 192, 0, 2, last };
    struct weir_dest_key k;
    int way;

    weir_dest_key_set(&k, addr, port, port ? WEIR_DEST_SERVICE : WEIR_DEST_HOST, true);
    way = weir_dest_admit(set, &k, last + 1U, WEIR_CLASS_PROVEN, 1);
    assert_true(way >= 0 && way < WEIR_WAYS);
    return &set->service[way];
}

static json_t *written(const struct weir_dest_set *set, size_t max)
{
    struct weir_buf out = { 0 };
    struct weir_json j = { .out = &out };
    json_t *root;

    weir_json_object(&j, NULL);
    assert_int_equal(weir_floods_write(set, 1, 100 * SECOND, max, &j), 0);
    weir_json_object_end(&j);
    assert_false(out.failed);
    root = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    weir_buf_free(&out);
    return root;
}

static json_int_t number(const json_t *o, const char *key)
{
    assert_true(json_is_integer(json_object_get(o, key)));
    return json_integer_value(json_object_get(o, key));
}

static void the_flood_stands_first(void **state)
{
    static struct weir_dest_set set;
    struct weir_dest *hit, *was;
    json_t *root, *list, *flood, *vector;

    (void)state;
    make(&set, 1, 80)->syn_usual = WEIR_RATE(5000) * 16;
    was = make(&set, 2, 0);
    was->began_ns = SECOND;
    was->over_ns = 2 * SECOND;
    hit = make(&set, 3, 443);
    hit->state = WEIR_DEST_ATTACK;
    hit->began_ns = 3 * SECOND;
    hit->surging = 1U << WEIR_SURGE_SYN;
    hit->heavy = 1U << WEIR_SURGE_SYN;
    hit->surge[WEIR_SURGE_SYN] =
        (struct weir_surge){ .first_ns = 3 * SECOND, .count = 70, .peak = WEIR_RATE(2000) };
    hit->got[WEIR_SEEN_DONE] = 9;
    root = written(&set, 100);
    assert_int_equal(number(root, "floods_known"), 3);
    list = json_object_get(root, "floods");
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "address")),
                        "192.0.2.3");
    assert_int_equal(number(json_array_get(list, 0), "port"), 443);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "state")),
                        "attack");
    flood = json_object_get(json_array_get(list, 0), "flood");
    assert_string_equal(json_string_value(json_object_get(flood, "began")),
                        "1970-01-01T00:01:43.000000+0000");
    assert_null(json_object_get(flood, "over"));
    assert_int_equal(number(flood, "served"), 9);
    assert_true(json_is_true(json_object_get(flood, "clients_wait")));
    vector = json_array_get(json_object_get(flood, "vectors"), 0);
    assert_string_equal(json_string_value(json_object_get(vector, "detection")), "flood.syn");
    assert_int_equal(number(vector, "packets"), 70);
    assert_in_range(number(vector, "peak_per_s"), 1990, 2000);
    assert_non_null(json_object_get(json_object_get(json_array_get(list, 1), "flood"), "over"));
    assert_null(json_object_get(json_array_get(list, 2), "flood"));
    assert_in_range(number(json_array_get(list, 2), "syn_usual_per_s"), 4990, 5010);
    json_decref(root);
    root = written(&set, 1);
    assert_int_equal(number(root, "floods_known"), 3);
    assert_int_equal(json_array_size(json_object_get(root, "floods")), 1);
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_flood_stands_first) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
