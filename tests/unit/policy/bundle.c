/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/bundle.h"

static char folder[] = "/tmp/weir-bundle-XXXXXX";

static int folder_make(void **state)
{
    (void)state;
    return mkdtemp(folder) ? chdir(folder) : -1;
}

static int folder_remove(void **state)
{
    (void)state;
    (void)unlink("p.yaml");
    (void)unlink("lists/x.netset");
    (void)rmdir("lists");
    return chdir("/") || rmdir(folder) ? -1 : 0;
}

static void file_write(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* Lists are found beside the policy, whatever the working folder is. */
static void from_disk(void **state)
{
    struct weir_bundle b = { 0 };
    struct weir_error e = { 0 };
    char path[128];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/p.yaml", folder);
    file_write("p.yaml", "deny: []\n");
    assert_int_equal(mkdir("lists", 0700), 0);
    file_write("lists/x.netset", "192.0.2.1 # caf\xe9\n; all\n192.0.2.2");
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(weir_bundle_open(&b, path, &e), 0);
    assert_int_equal(weir_bundle_list(&b, "lists/x.netset", &e), 1);
    assert_int_equal(weir_bundle_list(&b, "lists/x.netset", &e), 1); /* once */
    assert_int_equal(b.files, 2);
    assert_string_equal(b.file[1].text, "192.0.2.1       \n     \n192.0.2.2");
    assert_int_equal(weir_bundle_list(&b, "none.netset", &e), -ENOENT);
    assert_non_null(strstr(e.text, folder)); /* where it was looked for */
    e.text[0] = '\0';
    assert_int_equal(weir_bundle_list(&b, "/dev/zero", &e), -EINVAL);
    assert_string_equal(e.text, "/dev/zero: expected a regular file");
    weir_bundle_free(&b);
    assert_int_equal(chdir(folder), 0);
}

static void there_and_back(void **state)
{
    struct weir_bundle a = { 0 }, b = { 0 };
    struct weir_buf out = { 0 };

    (void)state;
    assert_int_equal(weir_bundle_add(&a, "p", "mode: observe\n", 14, NULL), 0);
    assert_int_equal(weir_bundle_add(&a, "a b.netset", "", 0, NULL), 0);
    assert_int_equal(weir_bundle_add(&a, "c", "x\0y\n\n", 5, NULL), 0);
    weir_bundle_write(&a, &out);
    assert_int_equal(weir_bundle_read(&b, out.data, out.len, NULL), 0);
    assert_true(weir_bundle_equal(&a, &b));
    assert_true(b.closed);
    assert_int_equal(weir_bundle_list(&b, "a b.netset", NULL), 1);
    assert_int_equal(weir_bundle_list(&b, "other", NULL), -ENOENT);
    b.file[2].text[0] = 'z';
    assert_false(weir_bundle_equal(&a, &b));
    weir_bundle_free(&b);
    for (size_t cut = 0; cut < out.len; cut++) {
        int r = weir_bundle_read(&b, out.data, cut, NULL);

        if (r == 0) /* cut between two files */
            assert_true(b.files < a.files);
        weir_bundle_free(&b);
    }
    weir_bundle_free(&a);
    weir_buf_free(&out);
}

static void damage_is_refused(void **state)
{
    static const char *const bad[] = { "",
                                       "weir policy 1\n",
                                       "weir policy 2\n1 0\np\n\n",
                                       "weir policy 1\n1 0\np\n",
                                       "weir policy 1\n1 1\np\n\n",
                                       "weir policy 1\n0x1 0\np\n\n",
                                       "weir policy 1\n01 0\np\n\n",
                                       "weir policy 1\n-1 0\np\n\n",
                                       "weir policy 1\n99999999999 0\np\n\n",
                                       "weir policy 1\n1 0\npq\n\n",
                                       "weir policy 1\n300 0\np\n\n" };
    struct weir_bundle b = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (weir_bundle_read(&b, bad[i], strlen(bad[i]), NULL) != -EBADMSG)
            fail_msg("%s", bad[i]);
    assert_int_equal(b.files, 0);
}

static void bounds(void **state)
{
    struct weir_bundle b = { 0 };
    struct weir_error e = { 0 };
    char name[32];

    (void)state;
    for (int i = 0; i < WEIR_BUNDLE_FILES; i++) {
        (void)snprintf(name, sizeof(name), "f%d", i);
        assert_int_equal(weir_bundle_add(&b, name, "x", 1, &e), 0);
    }
    assert_int_equal(weir_bundle_add(&b, "one more", "x", 1, &e), -E2BIG);
    assert_string_equal(e.text, "one more: more than 64 lists");
    weir_bundle_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_disk),
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(damage_is_refused),
        cmocka_unit_test(bounds),
    };

    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
