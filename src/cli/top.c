/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/client.h"
#include "cli/client_commands.h"
#include "cli/top.h"

static const struct weir_option top_options[] = {
    { "once", '1', NULL, "one second, then end" },
    { "json", 'j', NULL, "one JSON object a second" },
    { "state-dir", 'd', "DIR", "of the instance (default /run/weir)" },
    { NULL, 0, NULL, NULL },
};

/* Fetch an answer over the connection in *arg. */
static int next(struct weir_top *t, void *arg)
{
    const int *fd = arg;
    json_t *reply = NULL;
    int r = weir_client_send(*fd, json_pack("{s:s}", "command", "top"));

    if (r == 0)
        r = weir_client_receive(*fd, &reply);
    if (r == 0)
        weir_top_push(t, reply);
    return r;
}

static int print_json(const struct weir_top *t)
{
    _cleanup_(weir_json_freep) json_t *all = weir_top_json(t);

    return all && json_dumpf(all, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6)) == 0 &&
                   putchar('\n') != EOF
               ? 0
               : 1;
}

/* Views without rows are left out: who reads a pipe has no screen to keep in place. */
static int print_text(const struct weir_top *t)
{
    _cleanup_(weir_buf_free) struct weir_buf out = { 0 };

    weir_top_title(t, 0, &out);
    for (const struct weir_top_view *v = weir_top_views; v->name; v++) {
        size_t begin = out.len;

        weir_buf_add_char(&out, '\n');
        if (weir_top_table(t, v, SIZE_MAX, 0, &out) == 1)
            out.len = begin;
    }
    weir_buf_add_char(&out, '\n');
    if (out.failed)
        return 1;
    return fwrite(out.data, 1, out.len, stdout) == out.len ? 0 : 1;
}

static int stream(struct weir_top *t, int fd, bool json, bool once)
{
    const struct timespec second = { .tv_sec = 1 };
    int r;

    do {
        (void)nanosleep(&second, NULL);
        r = next(t, &fd);
        if (r == 0)
            r = json ? print_json(t) : print_text(t);
        if (r == 0 && fflush(stdout))
            r = 1;
    } while (r == 0 && !once);
    return r;
}

static int top_run(const struct weir_command *self, int argc, char **argv)
{
    _cleanup_(weir_top_free) struct weir_top t = { 0 };
    const char *dir = WEIR_STATE_DIR_DEFAULT;
    bool once = false, json = false;
    _cleanup_close_ int fd = -1;
    int option, r;

    while ((option = weir_command_getopt(self, argc, argv)) != -1) {
        if (option == '1')
            once = true;
        else if (option == 'j')
            json = true;
        else if (option == 'd')
            dir = optarg;
        else
            return 2;
    }
    if (optind != argc) {
        weir_command_usage(self, stderr);
        return 2;
    }
    r = weir_client_open(dir, 0, &fd);
    if (r)
        return r;
    weir_client_patience(fd, WEIR_CLIENT_SECONDS);
    r = next(&t, &fd);
    if (r == 0 && !once && !json && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        r = weir_top_screen(&t, next, &fd);
    else if (r == 0)
        r = -1;
    return r < 0 ? stream(&t, fd, json, once) : r;
}

const struct weir_command weir_command_top = {
    .name = "top",
    .arguments = "",
    .summary = "packets, verdicts, detections, sources: rates, live",
    .text =
        "Asks the running instance each second. On a terminal it fills the screen: q ends it, p "
        "holds it, r, t and n sort by rate, total and name, 1 to 6 give the screen to one view and "
        "0 to all. Elsewhere, and with --once, it prints plain text, or with --json one object a "
        "second.\n\n"
        "Interfaces: what each hook saw; a star means that two interfaces share the numbers. "
        "Verdicts: packets dropped, and would_drop for what observe mode would drop. Detections: "
        "packets on which a row held. Sources: running incidents. Bans: those that met the most "
        "packets. Losses: what should have been seen and was not.",
    .options = top_options,
    .run = top_run,
};
