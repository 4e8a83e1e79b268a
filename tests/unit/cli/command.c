/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <getopt.h>
#include <unistd.h>

#include "cli/command.h"

static int ran_argc;
static int ran_options[8];

static int run(const struct weir_command *self, int argc, char **argv)
{
    int n = 0;

    ran_argc = argc;
    optind = 1;
    while (n < 8 && (ran_options[n] = weir_command_getopt(self, argc, argv)) != -1)
        n++;
    return 5;
}

static const struct weir_option options[] = {
    { "json", 'j', NULL, "Lines." },
    { "local", 0, "CIDR", "Ours." },
    { NULL, 0, NULL, NULL },
};
static const struct weir_command replay = {
    .name = "replay",
    .arguments = "FILE...",
    .summary = "summary of replay",
    .text = ".first\n\nnext",
    .options = options,
    .run = run,
};
static const struct weir_command bans = {
    .name = "bans",
    .arguments = "",
    .summary = "summary of bans",
    .text = "text",
    .run = run,
};
static const struct weir_command check = {
    .name = "policy check",
    .arguments = "FILE",
    .summary = "summary of check",
    .text = "text of check",
    .run = run,
};
static const struct weir_command *const commands[] = { &replay, &bans, &check, NULL };

/* Run with the words; what it prints on fd is in text. */
static int call(int fd, char text[4096], char **argv)
{
    FILE *to = tmpfile();
    int saved = dup(fd), argc = 0, status;
    size_t n;

    while (argv[argc])
        argc++;
    ran_argc = 0;
    assert_non_null(to);
    (void)fflush(NULL);
    assert_true(dup2(fileno(to), fd) >= 0);
    status = weir_commands_run(commands, argc, argv);
    (void)fflush(NULL);
    assert_true(dup2(saved, fd) >= 0);
    (void)close(saved);
    rewind(to);
    n = fread(text, 1, 4095, to);
    text[n] = '\0';
    (void)fclose(to);
    return status;
}

#define CALL(fd, ...) call(fd, text, (char *[]){ "weir", __VA_ARGS__ __VA_OPT__(, ) NULL })

static void runs(void **state)
{
    char text[4096];

    (void)state;
    assert_int_equal(CALL(1, "replay", "-j", "--local", "x", "file"), 5);
    assert_int_equal(ran_argc, 5);
    assert_int_equal(ran_options[0], 'j');
    assert_int_equal(ran_options[1], 256 + 1);
    assert_int_equal(ran_options[2], -1);
}

static void unknown(void **state)
{
    char text[4096];

    (void)state;
    assert_int_equal(CALL(2, "repaly"), 2);
    assert_non_null(strstr(text, "did you mean `weir replay`?"));
    assert_int_equal(CALL(2, "ban"), 2);
    assert_non_null(strstr(text, "`weir bans`"));
    assert_int_equal(CALL(2, "something-else-entirely"), 2);
    assert_non_null(strstr(text, "`weir help`"));
    assert_int_equal(CALL(2, "a-word-that-is-longer-than-any-command-could-ever-be"), 2);
    assert_int_equal(ran_argc, 0);
}

static void usage(void **state)
{
    char text[4096];

    (void)state;
    assert_int_equal(CALL(2), 2);
    assert_non_null(strstr(text, "summary of bans"));
    assert_int_equal(CALL(1, "help"), 0);
    assert_non_null(strstr(text, "summary of replay"));
    assert_int_equal(CALL(1, "help", "replay"), 0);
    assert_non_null(strstr(text, "--local CIDR"));
    assert_int_equal(CALL(1, "replay", "--help"), 0);
    assert_non_null(strstr(text, "--local CIDR"));
    assert_int_equal(CALL(2, "help", "relay"), 2);
    assert_int_equal(ran_argc, 0);
    assert_non_null(strstr(text, "no such command"));
    assert_int_equal(CALL(2, "replay", "--nonsense"), 5);
    assert_int_equal(ran_options[0], '?');
}

/* One version, one list, however they are asked for. */
static void help_and_version_agree(void **state)
{
    static const char *const ask[] = { "help", "--help", "-h" };
    char text[4096], first[4096];

    (void)state;
    assert_int_equal(CALL(1, "version"), 0);
    assert_int_equal(strncmp(text, "weir ", 5), 0);
    strcpy(first, text);
    assert_int_equal(CALL(1, "--version"), 0);
    assert_string_equal(text, first);
    assert_int_equal(CALL(1, "help"), 0);
    strcpy(first, text);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(call(1, text, (char *[]){ "weir", (char *)ask[i], NULL }), 0);
        assert_string_equal(text, first);
    }
    assert_non_null(strstr(first, "  version       version of this program\n"));
    assert_non_null(strstr(first, "exit status: 0 done, 1 failed, 2 usage, 3 daemon not reachable, "
                                  "4 not permitted, 5 not found, 6 conflict\n"));
    assert_int_equal(CALL(1, "help", "version"), 0);
    assert_non_null(strstr(text, "usage: weir version"));
    assert_int_equal(CALL(1, "help", "help"), 0);
    assert_non_null(strstr(text, "usage: weir help [COMMAND]"));
}

static void two_words(void **state)
{
    char text[4096];

    (void)state;
    assert_int_equal(CALL(1, "policy", "check", "file"), 5);
    assert_int_equal(ran_argc, 2);
    assert_int_equal(CALL(1, "policy", "check", "--help"), 0);
    assert_non_null(strstr(text, "text of check"));
    assert_int_equal(CALL(1, "help", "policy", "check"), 0);
    assert_non_null(strstr(text, "text of check"));
    assert_int_equal(CALL(2, "policy"), 2);
    assert_string_equal(text, "usage: weir policy check FILE\n");
    assert_int_equal(CALL(2, "policy", "chekc"), 2);
    assert_string_equal(text, "usage: weir policy check FILE\n");
    assert_int_equal(CALL(2, "help", "policy"), 2);
    assert_int_equal(CALL(2, "check"), 2);
}

static void man(void **state)
{
    char text[4096];

    (void)state;
    assert_int_equal(CALL(1, "man"), 0);
    assert_non_null(strstr(text, "\n.Ss weir replay FILE..."));
    assert_non_null(strstr(text, "\n\\&.first\n.Pp\nnext")); /* a dot would be a macro */
    assert_non_null(strstr(text, "Fl Fl local Ar CIDR"));
    assert_non_null(strstr(text, "\n.Ss weir version"));
    assert_non_null(strstr(text, "\n.It 3\ndaemon not reachable\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs),  cmocka_unit_test(unknown),
        cmocka_unit_test(usage), cmocka_unit_test(two_words),
        cmocka_unit_test(man),   cmocka_unit_test(help_and_version_agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
