/* SPDX-License-Identifier: Apache-2.0 */

/* The policy in the state directory: what is saved is loaded, and damage keeps nobody from
 * starting. */

#include "harness/policy.h"

#include <unistd.h>

#include "engine/internal.h"

static char folder[] = "/tmp/weir-kept-XXXXXX";

static int folder_make(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int folder_remove(void **state)
{
    char path[64];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/policy", folder);
    (void)unlink(path);
    return rmdir(folder);
}

static struct weir_settings *load(struct weir_engine *g)
{
    struct weir_settings *s = NULL;
    struct weir_error e = { 0 };

    memset(g, 0, sizeof(*g));
    if (weir_kept_load(g, folder, &s, &e) < 0)
        fail_msg("%s", e.text);
    return s;
}

static void what_is_saved_is_loaded(void **state)
{
    struct weir_settings *s = policy_good("deny: [{file: x.netset}]\nmode: enforce\n",
                                          "192.0.2.1\n192.0.2.2\n"),
                         *again;
    struct weir_engine g;
    struct weir_error e = { 0 };

    (void)state;
    assert_null(load(&g));
    assert_int_equal(g.applied_ns, 0);
    assert_int_equal(weir_kept_prepare(&g, s, &e), 0);
    assert_null(load(&g)); /* not yet */
    assert_int_equal(weir_kept_commit(&g, &e), 0);
    again = load(&g);
    assert_non_null(again);
    assert_true(weir_bundle_equal(&s->bundle, &again->bundle));
    assert_int_equal(again->denied.n, 2);
    assert_true(g.applied_ns > 0);
    assert_int_equal(g.remarks.len, 0);
    weir_settings_free(s);
    weir_settings_free(again);
}

static void damage_is_told(void **state)
{
    static const char *const damaged[] = { "", "mode: observe\n",
                                           "weir policy 1\n1 9\np\nmode: bad\n\n",
                                           "weir policy 1\n1 1000\np\nmode: observe\n" };
    struct weir_engine g;
    char path[64];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/policy", folder);
    for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
        FILE *f = fopen(path, "w");

        assert_non_null(f);
        assert_true(fputs(damaged[i], f) >= 0);
        assert_int_equal(fclose(f), 0);
        assert_null(load(&g));
        assert_non_null(g.remarks.data);
        weir_buf_add_char(&g.remarks, '\0');
        assert_non_null(strstr(g.remarks.data, path));
        assert_non_null(strstr(g.remarks.data, "the defaults are in force"));
        weir_buf_free(&g.remarks);
    }
}

static void no_folder_no_start_of_a_change(void **state)
{
    struct weir_settings *s = policy_good("mode: enforce\n", NULL);
    struct weir_engine g = { .policy_path = "/nonexistent/weir/policy" };
    struct weir_error e = { 0 };

    (void)state;
    assert_int_equal(weir_kept_prepare(&g, s, &e), -ENOENT);
    assert_non_null(strstr(e.text, "/nonexistent/weir/policy.new"));
    weir_settings_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_saved_is_loaded),
        cmocka_unit_test(damage_is_told),
        cmocka_unit_test(no_folder_no_start_of_a_change),
    };

    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
