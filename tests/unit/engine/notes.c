/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/internal.h"

static char folder[] = "/tmp/weir-notes-XXXXXX";

static int folder_make(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int folder_remove(void **state)
{
    char path[64];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/bans", folder);
    (void)unlink(path);
    return rmdir(folder);
}

static int load(struct weir_engine *g, const char *text, struct weir_error *e)
{
    char path[64];

    memset(g, 0, sizeof(*g));
    memset(e, 0, sizeof(*e));
    (void)snprintf(path, sizeof(path), "%s/bans", folder);
    if (text) {
        FILE *f = fopen(path, "w");

        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
    }
    return weir_notes_load(g, folder, e);
}

static struct weir_note note_of(const char *prefix, uint64_t expires_s, const char *reason)
{
    struct weir_note n = { .expires_s = expires_s };

    assert_int_equal(weir_prefix_parse(prefix, &n.prefix), 0);
    strcpy(n.reason, reason);
    return n;
}

static void what_is_saved_is_loaded(void **state)
{
    struct weir_note a = note_of("192.0.2.0/24", 0, "two words"),
                     b = note_of("2001:db8::1", 99, ""), c = note_of("192.0.2.7", 7, "");
    struct weir_engine g;
    struct weir_error e;

    (void)state;
    assert_int_equal(load(&g, NULL, &e), 0);
    assert_int_equal(g.notes, 0);
    assert_int_equal(weir_notes_put(&g, &a, &e), 0);
    b.scope = WEIR_SCOPE_NEW;
    assert_int_equal(weir_notes_put(&g, &b, &e), 0);
    assert_int_equal(weir_notes_put(&g, &b, &e), 0); /* the same again */
    c.scope = WEIR_SCOPE_TCP;
    assert_int_equal(weir_notes_put(&g, &c, &e), 0);
    assert_int_equal(weir_notes_save(&g, &e), 0);
    free(g.note);
    assert_int_equal(load(&g, NULL, &e), 0);
    assert_int_equal(g.notes, 3);
    assert_int_equal(weir_notes_find(&g, &c.prefix)->scope, WEIR_SCOPE_TCP);
    assert_string_equal(weir_notes_find(&g, &a.prefix)->reason, "two words");
    assert_int_equal(weir_notes_find(&g, &b.prefix)->expires_s, 99);
    assert_int_equal(weir_notes_find(&g, &b.prefix)->scope, WEIR_SCOPE_NEW);
    assert_int_equal(weir_notes_find(&g, &a.prefix)->scope, WEIR_SCOPE_ALL);
    weir_notes_prune(&g, 99);
    assert_null(weir_notes_find(&g, &b.prefix));
    weir_notes_remove(&g, &a.prefix);
    assert_int_equal(g.notes, 0);
    free(g.note);
}

static void damage_is_named_by_line(void **state)
{
    static const char *const bad[] = { "192.0.2.1\t0\n",
                                       "192.0.2.1/8\t0\tx\n",
                                       "x\t0\t\n",
                                       "192.0.2.1\t-1\t\n",
                                       "192.0.2.1\t\t\n",
                                       "192.0.2.1\tt\t\n",
                                       "192.0.2.1\tx9\t\n",
                                       "192.0.2.1\t99999999999999999999\t\n",
                                       "\n" };
    struct weir_engine g;
    struct weir_error e;
    char text[128];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        (void)snprintf(text, sizeof(text), "192.0.2.9\t0\tfine\n%s", bad[i]);
        assert_int_equal(load(&g, text, &e), -EINVAL);
        assert_non_null(strstr(e.text, "/bans:2:"));
        free(g.note);
    }
}

static void the_table_has_an_end(void **state)
{
    struct weir_note n = note_of("192.0.2.1", 0, "");
    struct weir_engine g;
    struct weir_error e;

    (void)state;
    assert_int_equal(load(&g, "", &e), 0);
    for (int i = 0; i < WEIR_BANS_NOTED; i++) {
        n.prefix.addr[14] = (uint8_t)(i >> 8);
        n.prefix.addr[15] = (uint8_t)i;
        assert_int_equal(weir_notes_put(&g, &n, &e), 0);
    }
    n.prefix.addr[13] = 1;
    assert_int_equal(weir_notes_put(&g, &n, &e), -ENOSPC);
    free(g.note);
}

static void reason_is_one_line(void **state)
{
    char text[WEIR_BAN_REASON + 1];

    (void)state;
    memset(text, 'x', sizeof(text));
    text[WEIR_BAN_REASON] = '\0';
    assert_false(weir_reason_valid(text));
    text[WEIR_BAN_REASON - 1] = '\0';
    assert_true(weir_reason_valid(text));
    assert_true(weir_reason_valid("caf\303\251"));
    assert_false(weir_reason_valid("a\nb"));
    assert_false(weir_reason_valid("a\tb"));
    assert_false(weir_reason_valid("\033[2J"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_saved_is_loaded),
        cmocka_unit_test(damage_is_named_by_line),
        cmocka_unit_test(the_table_has_an_end),
        cmocka_unit_test(reason_is_one_line),
    };

    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
