/* SPDX-License-Identifier: Apache-2.0 */

/* `weir mode` and `weir down`: through the daemon, or without one through the pins. */

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "cli/client.h"
#include "daemon/command.h"
#include "daemon/daemon.h"

#define STOP_TRIES 100 /* of 50 ms */

static const struct weir_option control_options[] = {
    { "state-dir", 'd', "DIR", "of the instance (default /run/weir)" },
    { NULL, 0, NULL, NULL },
};

static int state_dir_option(const struct weir_command *self, int argc, char **argv,
                            const char **ret)
{
    int option;

    *ret = WEIR_STATE_DIR;
    while ((option = weir_command_getopt(self, argc, argv)) != -1) {
        if (option != 'd')
            return 2;
        *ret = optarg;
    }
    return 0;
}

static int failed(int r, const struct weir_error *e)
{
    (void)fprintf(stderr, "weir: %s\n", e->text[0] ? e->text : strerror(-r));
    return weir_exit_status(r);
}

/* Ask a daemon if there is one: WEIR_CLIENT_DOWN without a word when there is none. */
static int ask_if_alive(const char *dir, json_t *request)
{
    _cleanup_(weir_json_freep) json_t *reply = NULL;
    _cleanup_close_ int fd = -1;
    int r = weir_client_open(dir, 1, &fd);

    if (r) {
        json_decref(request);
        return r;
    }
    weir_client_patience(fd, WEIR_CLIENT_SECONDS);
    r = weir_client_send(fd, request);
    return r ? r : weir_client_receive(fd, &reply);
}

static int mode_run(const struct weir_command *self, int argc, char **argv)
{
    struct weir_error e = { 0 };
    enum weir_mode mode;
    const char *dir;
    int r = state_dir_option(self, argc, argv, &dir);

    if (r)
        return r;
    if (optind + 1 != argc || weir_mode_parse(argv[optind], &mode) < 0) {
        weir_command_usage(self, stderr);
        return 2;
    }
    r = ask_if_alive(dir, json_pack("{s:s,s:s}", "command", "mode", "mode", argv[optind]));
    if (r != WEIR_CLIENT_DOWN)
        return r;
    r = weir_engine_mode_pinned(dir, mode, &e);
    return r < 0 ? failed(r, &e) : 0;
}

/* Wait until the daemon is gone; the lock keeps a new one from starting meanwhile. */
static int lock_when_gone(const char *dir, int *ret_fd, struct weir_error *e)
{
    const struct timespec pause = { .tv_nsec = 50 * 1000 * 1000 };
    int r = -EBUSY;

    for (int i = 0; i < STOP_TRIES && r == -EBUSY; i++) {
        if (i)
            (void)nanosleep(&pause, NULL);
        e->text[0] = '\0';
        r = weir_state_lock(dir, ret_fd, e);
    }
    if (r == -EBUSY) {
        e->text[0] = '\0';
        return weir_error_set(e, EBUSY, "%s: the instance does not end; kill it, then try again",
                              dir);
    }
    return r;
}

static int down_run(const struct weir_command *self, int argc, char **argv)
{
    _cleanup_close_ int lock = -1;
    struct weir_error e = { 0 };
    const char *dir;
    int r = state_dir_option(self, argc, argv, &dir);

    if (r)
        return r;
    if (optind != argc) {
        weir_command_usage(self, stderr);
        return 2;
    }
    r = ask_if_alive(dir, json_pack("{s:s}", "command", "stop"));
    if (r && r != WEIR_CLIENT_DOWN)
        return r;
    r = lock_when_gone(dir, &lock, &e);
    if (r == 0)
        r = weir_engine_down(dir, &e);
    return r < 0 ? failed(r, &e) : 0;
}

const struct weir_command weir_command_mode = {
    .name = "mode",
    .arguments = "observe|enforce",
    .summary = "report only, or drop; works with the daemon dead",
    .text = "Takes effect with the next packet. With no daemon alive it writes to what is pinned; "
            "exit status 5 when nothing is.",
    .options = control_options,
    .run = mode_run,
};

const struct weir_command weir_command_down = {
    .name = "down",
    .arguments = "",
    .summary = "stop, detach and unpin everything",
    .text = "Ends the instance if it runs, and leaves its interfaces as they were found. Bans by "
            "hand stay noted in the state directory, and hold again with the next `weir run`.",
    .options = control_options,
    .run = down_run,
};
