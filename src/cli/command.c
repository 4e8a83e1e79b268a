/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "version.h"

#define WEIR_OPTIONS_MAX 32
#define WEIR_OPTION_ROW 256 /* getopt's value of an option without a letter: this plus its row */
#define WEIR_WORD_MAX 32
#define WEIR_WORD_NEAR 2 /* slips of the keyboard that are still understood */

static void weir_commands_usage(const struct weir_command *const *commands, FILE *to)
{
    (void)fputs("usage: weir COMMAND [OPTION]... [ARGUMENT]...\n\n", to);
    for (; *commands; commands++)
        (void)fprintf(to, "  %-10s %s\n", (*commands)->name, (*commands)->summary);
    (void)fputs("  help       this list, or `weir help COMMAND`\n"
                "  version    version of this program\n",
                to);
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

static const struct weir_command *weir_commands_find(const struct weir_command *const *commands,
                                                     const char *name)
{
    for (; *commands; commands++)
        if (!strcmp((*commands)->name, name))
            return *commands;
    return NULL;
}

/* Insertions, deletions and replacements between two words (Levenshtein); words that are too long
 * to be a command are far from all. */
static unsigned weir_word_distance(const char *a, const char *b)
{
    unsigned row[WEIR_WORD_MAX + 1];
    size_t an = strlen(a), bn = strlen(b);

    if (an > WEIR_WORD_MAX || bn > WEIR_WORD_MAX)
        return WEIR_WORD_MAX;
    for (size_t j = 0; j <= bn; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= an; i++) {
        unsigned corner = row[0]++;

        for (size_t j = 1; j <= bn; j++) {
            unsigned best = corner + (a[i - 1] != b[j - 1]);

            corner = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[bn];
}

static int weir_commands_unknown(const struct weir_command *const *commands, const char *name)
{
    unsigned least = WEIR_WORD_NEAR + 1;
    const char *meant = NULL;

    for (; *commands; commands++) {
        unsigned d = weir_word_distance(name, (*commands)->name);

        if (d < least) {
            least = d;
            meant = (*commands)->name;
        }
    }
    if (meant)
        (void)fprintf(stderr, "weir: %s: no such command; did you mean `weir %s`?\n", name, meant);
    else
        (void)fprintf(stderr, "weir: %s: no such command; `weir help` lists them\n", name);
    return 2;
}

static int weir_commands_help(const struct weir_command *const *commands, const char *name)
{
    const struct weir_command *c;

    if (!name) {
        weir_commands_usage(commands, stdout);
        return 0;
    }
    c = weir_commands_find(commands, name);
    if (!c)
        return weir_commands_unknown(commands, name);
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

    if (argc < 2) {
        weir_commands_usage(commands, stderr);
        return 2;
    }
    if (weir_is_help(argv[1]))
        return weir_commands_help(commands, argc > 2 ? argv[2] : NULL);
    if (!strcmp(argv[1], "version") || !strcmp(argv[1], "--version")) {
        (void)puts("weir " WEIR_VERSION);
        return 0;
    }
    if (!strcmp(argv[1], "man")) { /* for packagers: not in the list */
        weir_commands_man(commands);
        return 0;
    }
    c = weir_commands_find(commands, argv[1]);
    if (!c)
        return weir_commands_unknown(commands, argv[1]);
    if (argc > 2 && weir_is_help(argv[2]))
        return weir_commands_help(commands, argv[1]);
    return c->run(c, argc - 1, argv + 1);
}
