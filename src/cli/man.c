/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

#include <stdio.h>

#include "version.h"

/* Text for mdoc(7): a line may not start with a dot or quote, empty lines part paragraphs. */
static void weir_man_text(const char *text)
{
    char before = '\n';

    for (; *text; text++) {
        if (*text == '\n' && before == '\n')
            (void)fputs(".Pp", stdout);
        if (before == '\n' && (*text == '.' || *text == '\''))
            (void)fputs("\\&", stdout);
        if (*text == '\\')
            (void)fputs("\\e", stdout);
        else
            (void)fputc(*text, stdout);
        before = *text;
    }
    (void)fputc('\n', stdout);
}

static void weir_man_option(const struct weir_option *o)
{
    (void)fputs(".It ", stdout);
    if (o->letter)
        (void)printf("Fl %c , ", o->letter);
    (void)printf("Fl Fl %s", o->name);
    if (o->argument)
        (void)printf(" Ar %s", o->argument);
    (void)fputc('\n', stdout);
    weir_man_text(o->help);
}

static void weir_man_command(const struct weir_command *c)
{
    (void)printf(".Ss weir %s %s\n", c->name, c->arguments);
    weir_man_text(c->text);
    if (!c->options)
        return;
    (void)fputs(".Bl -tag -width Ds\n", stdout);
    for (const struct weir_option *o = c->options; o->name; o++)
        weir_man_option(o);
    (void)fputs(".El\n", stdout);
}

static void weir_man_commands(const struct weir_command *const *commands)
{
    for (; *commands; commands++)
        weir_man_command(*commands);
}

void weir_commands_man(const struct weir_command *const *commands)
{
    (void)puts(".Dd November 25, 2026\n.Dt WEIR 8\n.Os weir " WEIR_VERSION "\n.Sh NAME\n.Nm weir\n"
               ".Nd TCP packet inspection and protection\n.Sh SYNOPSIS\n.Nm\n.Ar command\n"
               ".Op Ar option ...\n.Op Ar argument ...\n.Sh COMMANDS");
    weir_man_commands(commands);
    weir_man_commands(weir_commands_own);
    (void)puts(".Sh FILES\n.Bl -tag -width Ds\n"
               ".It Pa /run/weir\nsocket and state of the default instance; another one with\n"
               ".Fl Fl state-dir\n"
               ".It Pa /sys/fs/bpf/weir\nits programs and tables in the kernel, while they hold\n"
               ".El\n.Sh EXIT STATUS\n.Bl -tag -width Ds");
    for (int i = 0; weir_exit_texts[i]; i++)
        (void)printf(".It %d\n%s\n", i, weir_exit_texts[i]);
    (void)puts(".El");
}
