/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/word.h"
#include "version.h"

#define WEIR_OPTIONS_MAX 32
#define WEIR_OPTION_ROW 256 /* getopt's value of an option without a letter: this plus its row */

/* Commands of the table's own: they answer before others are looked for, and have no run. */
static const struct weir_command weir_help_row = {
    .name = "help",
    .arguments = "[COMMAND]",
    .summary = "this list, or what a command does",
    .text = "The same as --help and -h, also behind a command.",
};

static const struct weir_command weir_version_row = {
    .name = "version",
    .arguments = "",
    .summary = "version of this program",
    .text = "The same as --version.",
};

const struct weir_command *const weir_commands_own[] = { &weir_help_row, &weir_version_row, NULL };

const char *const weir_exit_texts[] = {
    "done",          "failed",    "usage",    "daemon not reachable",
    "not permitted", "not found", "conflict", NULL,
};

static void weir_commands_list(const struct weir_command *const *commands, FILE *to)
{
    for (; *commands; commands++)
        (void)fprintf(to, "  %-13s %s\n", (*commands)->name, (*commands)->summary);
}

static void weir_commands_usage(const struct weir_command *const *commands, FILE *to)
{
    (void)fputs("usage: weir COMMAND [OPTION]... [ARGUMENT]...\n\n", to);
    weir_commands_list(commands, to);
    weir_commands_list(weir_commands_own, to);
    (void)fputs("\nexit status:", to);
    for (int i = 0; weir_exit_texts[i]; i++)
        (void)fprintf(to, "%s %d %s", i ? "," : "", i, weir_exit_texts[i]);
    (void)fputc('\n', to);
}

/* Text in lines of at most 78 columns. */
static void weir_command_wrap(const char *text, FILE *to)
{
    size_t column = 0;

    while (*text) {
        size_t word = strcspn(text, " \n");

        if (column && column + 1 + word > 78) {
            (void)fputc('\n', to);
            column = 0;
        }
        if (column && word)
            (void)fputc(' ', to), column++;
        (void)fwrite(text, 1, word, to);
        column += word;
        text += word;
        if (*text == '\n') {
            (void)fputc('\n', to);
            column = 0;
        }
        if (*text)
            text++;
    }
    (void)fputc('\n', to);
}

void weir_command_usage(const struct weir_command *self, void *stream)
{
    FILE *to = stream;

    (void)fprintf(to, "usage: weir %s%s%s%s\n", self->name, self->options ? " [OPTION]..." : "",
                  *self->arguments ? " " : "", self->arguments);
    for (const struct weir_option *o = self->options; o && o->name; o++) {
        char left[64];

        (void)snprintf(left, sizeof(left), "%c%c%s--%s%s%s", o->letter ? '-' : ' ',
                       o->letter ? o->letter : ' ', o->letter ? ", " : "  ", o->name,
                       o->argument ? " " : "", o->argument ? o->argument : "");
        (void)fprintf(to, "  %-30s %s\n", left, o->help);
    }
}

static void weir_command_help(const struct weir_command *self)
{
    weir_command_usage(self, stdout);
    (void)fputc('\n', stdout);
    weir_command_wrap(self->text, stdout);
}

int weir_command_getopt(const struct weir_command *self, int argc, char **argv)
{
    struct option table[WEIR_OPTIONS_MAX + 1] = { 0 };
    char letters[2 * WEIR_OPTIONS_MAX + 1];
    size_t at = 0;
    int n = 0;

    for (const struct weir_option *o = self->options; o && o->name && n < WEIR_OPTIONS_MAX;
         o++, n++) {
        table[n].name = o->name;
        table[n].has_arg = o->argument ? required_argument : no_argument;
        table[n].val = o->letter ? o->letter : WEIR_OPTION_ROW + n;
        if (!o->letter)
            continue;
        letters[at++] = o->letter;
        if (o->argument)
            letters[at++] = ':';
    }
    letters[at] = '\0';
    return getopt_long(argc, argv, letters, table, NULL);
}

/* How many words of argv name the command: 0 when they do not; "policy check" takes two. */
static int weir_command_words(const struct weir_command *c, char *const *argv)
{
    size_t len = strcspn(c->name, " ");

    if (!argv[0] || strlen(argv[0]) != len || strncmp(c->name, argv[0], len) != 0)
        return 0;
    if (!c->name[len])
        return 1;
    return argv[1] && !strcmp(c->name + len + 1, argv[1]) ? 2 : 0;
}

static const struct weir_command *weir_commands_find(const struct weir_command *const *commands,
                                                     char *const *argv, int *ret_words)
{
    for (; *commands; commands++) {
        *ret_words = weir_command_words(*commands, argv);
        if (*ret_words)
            return *commands;
    }
    return NULL;
}

/* The first of two words alone, or with a second that none has: show those that there are. */
static bool weir_commands_group(const struct weir_command *const *commands, const char *name)
{
    size_t len = strlen(name);
    bool found = false;

    for (; *commands; commands++) {
        if (strncmp((*commands)->name, name, len) != 0 || (*commands)->name[len] != ' ')
            continue;
        (void)fprintf(stderr, "%s weir %s %s\n", found ? "      " : "usage:", (*commands)->name,
                      (*commands)->arguments);
        found = true;
    }
    return found;
}

static int weir_commands_unknown(const struct weir_command *const *commands, char *const *argv)
{
    struct weir_word_guess guess = { .word = argv[0] };

    if (weir_commands_group(commands, argv[0]))
        return 2;
    for (; *commands; commands++)
        weir_word_try(&guess, (*commands)->name);
    if (guess.meant)
        (void)fprintf(stderr, "weir: %s: no such command; did you mean `weir %s`?\n", argv[0],
                      guess.meant);
    else
        (void)fprintf(stderr, "weir: %s: no such command; `weir help` lists them\n", argv[0]);
    return 2;
}

static int weir_commands_help(const struct weir_command *const *commands, char *const *argv)
{
    const struct weir_command *c;
    int words;

    if (!argv[0]) {
        weir_commands_usage(commands, stdout);
        return 0;
    }
    c = weir_commands_find(commands, argv, &words);
    if (!c)
        c = weir_commands_find(weir_commands_own, argv, &words);
    if (!c)
        return weir_commands_unknown(commands, argv);
    weir_command_help(c);
    return 0;
}

static bool weir_is_help(const char *word)
{
    return !strcmp(word, "help") || !strcmp(word, "--help") || !strcmp(word, "-h");
}

int weir_commands_run(const struct weir_command *const *commands, int argc, char **argv)
{
    const struct weir_command *c;
    int words;

    if (argc < 2) {
        weir_commands_usage(commands, stderr);
        return 2;
    }
    if (weir_is_help(argv[1]))
        return weir_commands_help(commands, argv + 2);
    if (!strcmp(argv[1], "version") || !strcmp(argv[1], "--version")) {
        (void)puts("weir " WEIR_VERSION);
        return 0;
    }
    if (!strcmp(argv[1], "man")) { /* for packagers: not in the list */
        weir_commands_man(commands);
        return 0;
    }
    c = weir_commands_find(commands, argv + 1, &words);
    if (!c)
        return weir_commands_unknown(commands, argv + 1);
    if (argc > words + 1 && weir_is_help(argv[words + 1])) {
        weir_command_help(c);
        return 0;
    }
    return c->run(c, argc - words, argv + words);
}
