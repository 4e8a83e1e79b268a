/* SPDX-License-Identifier: Apache-2.0 */

/* From settings to the image of a host. */

#include "harness/policy.h"

#include "policy/compile.h"
#include "policy/default.h"

static uint32_t ifindex_of(const char *name)
{
    return strcmp(name, "eth0") ? 0 : 3;
}

static struct weir_image *compile(const char *policy, weir_ifindex_fn ifindex)
{
    struct weir_settings *s = policy_good(policy, NULL);
    struct weir_image *image = malloc(sizeof(*image));

    assert_non_null(image);
    weir_settings_compile(s, ifindex, image);
    weir_settings_free(s);
    return image;
}

static bool has(const __u64 set[2], unsigned row)
{
    return set[row >> 6] >> (row & 63) & 1;
}

static bool judges(const struct weir_image *image, unsigned row)
{
    uint64_t judged[2];

    weir_image_judged(image, judged);
    return judged[row >> 6] >> (row & 63) & 1;
}

static void catalogue(void **state)
{
    struct weir_image *image = compile("", NULL);
    struct weir_policy want;

    (void)state;
    assert_int_equal(image->mode, WEIR_MODE_OBSERVE);
    assert_int_equal(image->zones, 1);
    assert_int_equal(image->rules, 0);
    for (unsigned mode = 0; mode < WEIR_MODE_MAX; mode++) {
        weir_policy_default(&want, (enum weir_mode)mode);
        assert_memory_equal(&image->zone[mode][0], &want, sizeof(want));
    }
    free(image);
}

static void overrides(void **state)
{
    struct weir_image *image =
        compile("detections: {scan.xmas: off, scan.null: count, scan.fin: alert, "
                "integrity.ttl: drop, scan.tool: ban}",
                NULL);
    (void)state;
    for (unsigned mode = 0; mode < WEIR_MODE_MAX; mode++) {
        const struct weir_policy *p = &image->zone[mode][0];

        assert_false(has(p->judged, WEIR_ROW_SCAN_XMAS));
        assert_false(has(p->drop, WEIR_ROW_SCAN_XMAS));
        assert_true(has(p->judged, WEIR_ROW_SCAN_NULL));
        assert_false(has(p->finding, WEIR_ROW_SCAN_NULL) || has(p->drop, WEIR_ROW_SCAN_NULL));
        assert_true(has(p->finding, WEIR_ROW_SCAN_FIN));
        assert_false(has(p->drop, WEIR_ROW_SCAN_FIN));
        assert_true(has(p->drop, WEIR_ROW_INTEGRITY_TTL));
        assert_true(has(p->finding, WEIR_ROW_SCAN_TOOL) && has(p->drop, WEIR_ROW_SCAN_TOOL));
        assert_int_equal(p->action[WEIR_ROW_SCAN_TOOL], WEIR_ACTION_BAN);
    }
    assert_false(judges(image, WEIR_ROW_SCAN_XMAS));
    assert_true(judges(image, WEIR_ROW_SCAN_NULL));
    free(image);
}

static void zones(void **state)
{
    static const char policy[] = "mode: enforce\n"
                                 "detections: {scan.null: off}\n"
                                 "zones:\n"
                                 "- {name: a, match: {vlan: 7}, mode: observe, check: liberal, "
                                 "detections: {scan.null: drop}}\n"
                                 "- {name: b, match: {interface: nosuch0}}\n"
                                 "- {name: c, match: {interface: eth0, vlan: 8}}\n"
                                 "cookies: {when: always}\n";
    struct weir_image *image = compile(policy, ifindex_of);

    (void)state;
    assert_int_equal(image->mode, WEIR_MODE_ENFORCE);
    assert_int_equal(image->zones, 4);
    assert_int_equal(image->rules, 2); /* nosuch0 matches nothing */
    assert_int_equal(image->rule[0].ifindex, 0);
    assert_int_equal(image->rule[0].vlan, 7);
    assert_int_equal(image->rule[0].zone, 1);
    assert_int_equal(image->rule[1].ifindex, 3);
    assert_int_equal(image->rule[1].vlan, 8);
    assert_int_equal(image->rule[1].zone, 3);
    assert_int_equal(image->zone[WEIR_MODE_ENFORCE][0].mode, WEIR_MODE_ENFORCE);
    assert_int_equal(image->zone[WEIR_MODE_ENFORCE][0].cookies, WEIR_COOKIES_ALWAYS);
    assert_int_equal(image->zone[WEIR_MODE_OBSERVE][3].cookies, WEIR_COOKIES_ALWAYS);
    assert_int_equal(image->zone[WEIR_MODE_ENFORCE][1].mode, WEIR_MODE_OBSERVE);
    assert_int_equal(image->zone[WEIR_MODE_ENFORCE][1].check, WEIR_CHECK_LIBERAL);
    assert_int_equal(image->zone[WEIR_MODE_ENFORCE][3].mode, WEIR_MODE_ENFORCE);
    assert_int_equal(image->zone[WEIR_MODE_OBSERVE][3].mode, WEIR_MODE_OBSERVE);
    assert_int_equal(image->zone[WEIR_MODE_OBSERVE][3].zone, 3);
    assert_false(has(image->zone[WEIR_MODE_ENFORCE][3].judged, WEIR_ROW_SCAN_NULL));
    assert_true(has(image->zone[WEIR_MODE_ENFORCE][1].drop, WEIR_ROW_SCAN_NULL));
    assert_true(judges(image, WEIR_ROW_SCAN_NULL)); /* zone a asks */
    free(image);
    image = compile(policy, NULL); /* replay: no names */
    assert_int_equal(image->rules, 1);
    free(image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(catalogue),
        cmocka_unit_test(overrides),
        cmocka_unit_test(zones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
