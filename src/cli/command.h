/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One row a command. Help, man pages and shell completion read the same rows. */

struct weir_option {
    const char *name;     /* long name without dashes */
    char letter;          /* short form, 0 without */
    const char *argument; /* "FILE", NULL for a switch */
    const char *help;     /* one sentence */
};

struct weir_command {
    const char *name;      /* "replay", "policy check" */
    const char *arguments; /* "FILE...", "" */
    const char *summary;   /* one line for the list */
    const char *text;      /* what the man page says; paragraphs parted by empty lines */
    const struct weir_option *options; /* ends with name NULL; NULL without */
    /* argv[0] is the command's name. Returns an exit status: a place in weir_exit_texts. */
    int (*run)(const struct weir_command *self, int argc, char **argv);
};

/* What the exit statuses mean: 0 done, 1 failed, 2 usage, 3 daemon not reachable, 4 not permitted,
 * 5 not found, 6 conflict. Ends with NULL. */
extern const char *const weir_exit_texts[];
/* `help` and `version`. Ends with NULL. */
extern const struct weir_command *const weir_commands_own[];

/* Find the command in argv and run it; prints help on "help", "-h" and usage errors. */
int weir_commands_run(const struct weir_command *const *commands, int argc, char **argv);
/* getopt_long over self->options: returns the option's letter or, without one, 256 + its row; -1 at
 * the end, '?' after an error that it printed. optind and optarg are getopt's. */
int weir_command_getopt(const struct weir_command *self, int argc, char **argv);
void weir_command_usage(const struct weir_command *self, void *stream);
/* The table as man page source (mdoc) on standard output. */
void weir_commands_man(const struct weir_command *const *commands);
