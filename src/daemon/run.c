/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <string.h>

#include "base/cleanup.h"
#include "daemon/command.h"
#include "daemon/daemon.h"

static const struct weir_option run_options[] = {
    { "interface", 'i', "IFACE",
      "inspect this interface; may be repeated (default: those of the policy)" },
    { "config", 'c', "FILE", "the policy to put in force (default: the one that was last)" },
    { "mode", 'm', "observe|enforce",
      "report only, or drop too (default: as pinned, or as the policy says)" },
    { "attach", 'a', "auto|xdp|xdp-generic|tc",
      "native XDP, else TC (auto, the default), or just that one" },
    { "eve", 'e', "FILE", "append findings as EVE JSON lines; - is standard output" },
    { "log-drops", 'l', NULL, "dropped packets as events, too, 100 a second; with --eve" },
    { "log-flows", 'f', NULL, "each connection as an event when it ends, too; with --eve" },
    { "tls", 't', NULL,
      "what each TLS client says of itself: server name, ALPN, version, JA3 and JA4" },
    { "evidence", 'E', "DIR",
      "a pcapng file in DIR for the source of each incident: heads of packets before it, then its "
      "packets, with what was made of each" },
    { "state-dir", 'd', "DIR", "socket and state of this instance (default /run/weir)" },
    { "quiet", 'q', NULL, "no findings on standard output" },
    { NULL, 0, NULL, NULL },
};

struct run {
    const char *interface[WEIR_INTERFACES_MAX];
    struct weir_engine_config engine;
    struct weir_settings *policy;
    const char *config;
    const char *eve;
    bool quiet;
};

static int attach_parse(const char *text, enum weir_attach *ret)
{
    static const char *const name[WEIR_ATTACH_MAX] = { "auto", "xdp", "xdp-generic", "tc" };

    for (unsigned i = 0; i < WEIR_ATTACH_MAX; i++) {
        if (strcmp(text, name[i]))
            continue;
        *ret = (enum weir_attach)i;
        return 0;
    }
    return -EINVAL;
}

static int usage_error(const char *option, const char *expected)
{
    (void)fprintf(stderr, "weir: --%s %s: expected %s\n", option, optarg, expected);
    return -EINVAL;
}

static int option_set(struct run *c, int option)
{
    switch (option) {
    case 'i':
        if (c->engine.n == WEIR_INTERFACES_MAX)
            return usage_error("interface", "at most 64 interfaces");
        c->interface[c->engine.n++] = optarg;
        return 0;
    case 'm':
        return weir_mode_parse(optarg, &c->engine.mode) < 0
                   ? usage_error("mode", "observe or enforce")
                   : 0;
    case 'a':
        return attach_parse(optarg, &c->engine.attach) < 0
                   ? usage_error("attach", "auto, xdp, xdp-generic or tc")
                   : 0;
    case 'c':
        c->config = optarg;
        return 0;
    case 'e':
        c->eve = optarg;
        return 0;
    case 'd':
        c->engine.state_dir = optarg;
        return 0;
    case 'l':
        c->engine.log_drops = true;
        return 0;
    case 'f':
        c->engine.flow = weir_output_flow;
        return 0;
    case 't':
        c->engine.tls = weir_output_tls;
        return 0;
    case 'E':
        c->engine.evidence = optarg;
        return 0;
    case 'q':
        c->quiet = true;
        return 0;
    default:
        return -EINVAL; /* getopt has said why */
    }
}

static void on_event(const struct weir_event *ev, void *arg)
{
    struct weir_daemon *d = arg;

    if (ev->type == WEIR_EVENT_DROP) {
        weir_output_drop(d, ev);
        return;
    }
    weir_output_event(d, ev);
    weir_server_event(d, ev);
}

static void ready_print(struct weir_daemon *d, FILE *to)
{
    const struct weir_buf *notes = weir_engine_notes(d->engine);
    _cleanup_(weir_buf_free) struct weir_buf line = { 0 };

    weir_remarks_print(notes->data, notes->len);
    weir_engine_describe(d->engine, &line);
    (void)fprintf(to, "ready %.*s\n", (int)line.len, line.data);
    (void)fflush(to);
}

/* Started parts in *d; what was not started is zero. */
static int serve(struct weir_daemon *d, struct run *c, struct weir_error *e)
{
    int r = weir_output_open(&d->output, e);

    if (r == 0)
        r = weir_engine_new(&c->engine, &d->engine, e);
    if (r < 0)
        return r;
    r = weir_server_listen(d, c->engine.state_dir, e);
    if (r < 0) {
        weir_server_close(d);
        (void)uv_run(&d->loop, UV_RUN_DEFAULT);
        return r;
    }
    ready_print(d, d->output.eve_path && !strcmp(d->output.eve_path, "-") ? stderr : stdout);
    return weir_daemon_loop(d) ? -EIO : 0;
}

static int run(struct run *c)
{
    struct weir_daemon d = { .output = { .eve_path = c->eve } };
    _cleanup_close_ int lock = -1;
    struct weir_error e = { 0 };
    int r = weir_state_lock(c->engine.state_dir, &lock, &e);

    d.output.text = !c->quiet && !(c->eve && !strcmp(c->eve, "-"));
    c->engine.event = on_event;
    c->engine.scan = weir_output_scan;
    c->engine.arg = &d;
    c->engine.interfaces = c->interface;
    c->engine.policy = &c->policy;
    if (r == 0)
        r = uv_loop_init(&d.loop);
    if (r == 0) {
        r = serve(&d, c, &e);
        weir_output_close(&d.output);
        weir_engine_free(d.engine);
        (void)uv_loop_close(&d.loop);
    }
    if (r < 0 && e.text[0])
        (void)fprintf(stderr, "weir: %s\n", e.text);
    return weir_exit_status(r);
}

static int run_run(const struct weir_command *self, int argc, char **argv)
{
    struct run c = { .engine = { .state_dir = WEIR_STATE_DIR, .mode = WEIR_MODE_KEEP } };
    int option, status;

    while ((option = weir_command_getopt(self, argc, argv)) != -1)
        if (option_set(&c, option) < 0)
            return 2;
    if (optind != argc) {
        weir_command_usage(self, stderr);
        return 2;
    }
    if ((c.engine.log_drops || c.engine.flow) && !c.eve) {
        (void)fprintf(stderr, "weir: --log-%s: expected --eve FILE beside it\n",
                      c.engine.log_drops ? "drops" : "flows");
        return 2;
    }
    (void)signal(SIGPIPE, SIG_IGN); /* a closed pipe is a write error, not a death */
    status = c.config ? weir_policy_read(c.config, &c.policy) : 0;
    if (status == 0)
        status = run(&c);
    weir_settings_free(c.policy);
    return status;
}

const struct weir_command weir_command_run = {
    .name = "run",
    .arguments = "",
    .summary = "inspect live interfaces, in the foreground",
    .text =
        "Loads the inspection into the kernel, attaches it to the interfaces, and prints one line "
        "that begins with \"ready\" once packets are judged; then findings, one a line.\n\n"
        "When it ends, by a signal or otherwise, the kernel goes on judging and enforcing, and the "
        "next `weir run` adopts what it finds with counters and bans. `weir down` takes all of it "
        "away. SIGHUP opens the file of --eve again.\n\n"
        "A policy that was applied holds for the next start, too, with the mode that `weir mode` "
        "set "
        "meanwhile. --config puts FILE in force instead, unless it is what holds already. Without "
        "any policy weir observes, and -i is needed.\n\n"
        "With --log-drops the file also gets an event for a packet that is dropped, by a ban, a "
        "deny list or a detection: at most 100 a second of each CPU and hook, and the next event "
        "says how many were left out. What observe mode would drop is none.\n\n"
        "With --evidence the kernel keeps the heads of the newest packets and, once an incident "
        "begins, packets of its source as a whole; `evidence` in the policy bounds that.\n\n"
        "With --tls the kernel hands the segments of TLS ClientHellos to this process, which "
        "prints a line for each client and writes an event; without it no instruction of the "
        "programs is spent on that.\n\n"
        "With --log-flows it gets an event for each connection that ended. Those that go on when "
        "this process ends are left to the next one, unless nothing is pinned.",
    .options = run_options,
    .run = run_run,
};
