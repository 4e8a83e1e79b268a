/* SPDX-License-Identifier: Apache-2.0 */
#include "replay/command.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/cleanup.h"
#include "replay/merge.h"
#include "replay/replay.h"

enum {
    OPTION_JSON = 'j',
    OPTION_LOCAL = 'l',
    OPTION_CHECKSUM = 'k',
    OPTION_MEMORY = 'm',
    OPTION_COUNTED = 'C',
    OPTION_FLOWS = 'f',
    OPTION_SERVICES = 's',
    OPTION_CONFIG = 'c',
    OPTION_EVIDENCE = 'E',
    OPTION_TLS = 't',
};

static const struct weir_option weir_replay_table[] = {
    { "json", OPTION_JSON, NULL,
      "EVE JSON lines on standard output, the summary on standard error" },
    { "config", OPTION_CONFIG, "FILE",
      "a policy: its actions, zones, lists and mode (default: the catalogue's, in observe mode)" },
    { "local", OPTION_LOCAL, "CIDR",
      "what counts as ours, may be repeated (default: what the policy protects, else private "
      "addresses, else the most contacted)" },
    { "checksum", OPTION_CHECKSUM, "auto|on|off",
      "report wrong checksums when the capture can be believed (auto, the default), always, "
      "never" },
    { "counted", OPTION_COUNTED, NULL, "report also what is only counted, as anomaly events" },
    { "flows", OPTION_FLOWS, NULL, "report each connection when it ends, as flow events" },
    { "services", OPTION_SERVICES, NULL,
      "how each server's port does: latency, retransmissions, failures" },
    { "tls", OPTION_TLS, NULL,
      "what each TLS client says of itself: server name, ALPN, version, JA3 and JA4" },
    { "evidence", OPTION_EVIDENCE, "DIR",
      "a pcapng file in DIR for the source of each incident: heads of packets before it, then its "
      "packets, with what was made of each" },
    { "memory", OPTION_MEMORY, "SIZE",
      "limit of the tables, with K, M or G (default 256M, least 1M)" },
    { NULL, 0, NULL, NULL },
};

/* "64M", "1G", bytes without a letter. */
static int weir_size_parse(const char *text, size_t *ret)
{
    unsigned long long v;
    unsigned shift = 0;
    char *end;

    if (*text < '0' || *text > '9')
        return -EINVAL;
    errno = 0;
    v = strtoull(text, &end, 10);
    if (*end == 'K' || *end == 'k')
        shift = 10;
    else if (*end == 'M' || *end == 'm')
        shift = 20;
    else if (*end == 'G' || *end == 'g')
        shift = 30;
    if (shift)
        end++;
    if (!strcmp(end, "iB") || (shift && !strcmp(end, "B")))
        end += strlen(end);
    if (errno || *end || v > SIZE_MAX >> shift)
        return -EINVAL;
    *ret = (size_t)(v << shift);
    return 0;
}

static int weir_replay_set_checksum(struct weir_replay_options *o, const char *text)
{
    if (!strcmp(text, "auto"))
        o->checksum = WEIR_CHECKSUM_AUTO;
    else if (!strcmp(text, "on"))
        o->checksum = WEIR_CHECKSUM_ON;
    else if (!strcmp(text, "off"))
        o->checksum = WEIR_CHECKSUM_OFF;
    else
        return -EINVAL;
    return 0;
}

/* The last one counts. *ret is owned. */
static int weir_replay_set_config(const char *path, struct weir_settings **ret)
{
    _cleanup_(weir_settings_freep) struct weir_settings *s = NULL;
    _cleanup_(weir_buf_free) struct weir_buf why = { 0 };

    if (weir_settings_open(path, &s, &why) < 0) {
        (void)fprintf(stderr, "%.*s", (int)why.len, why.data ? why.data : "weir: no memory\n");
        return -EBADMSG;
    }
    weir_settings_free(*ret);
    *ret = TAKE_PTR(s);
    return 0;
}

static int weir_replay_set(struct weir_replay_options *o, int option)
{
    struct weir_error e = { 0 };

    switch (option) {
    case OPTION_JSON:
        o->json = true;
        return 0;
    case OPTION_COUNTED:
        o->counted = true;
        return 0;
    case OPTION_FLOWS:
        o->flows = true;
        return 0;
    case OPTION_SERVICES:
        o->services = true;
        return 0;
    case OPTION_TLS:
        o->tls = true;
        return 0;
    case OPTION_EVIDENCE:
        o->evidence = optarg;
        return 0;
    case OPTION_CONFIG:
        return weir_replay_set_config(optarg, &o->policy);
    case OPTION_LOCAL:
        if (weir_local_add(&o->local, optarg, &e) == 0)
            return 0;
        (void)fprintf(stderr, "weir: %s\n", e.text);
        return -EINVAL;
    case OPTION_CHECKSUM:
        if (weir_replay_set_checksum(o, optarg) == 0)
            return 0;
        (void)fprintf(stderr, "weir: --checksum %s: expected auto, on or off\n", optarg);
        return -EINVAL;
    case OPTION_MEMORY:
        if (weir_size_parse(optarg, &o->memory_bytes) == 0 &&
            o->memory_bytes >= WEIR_REPLAY_MEMORY_MIN)
            return 0;
        (void)fprintf(stderr, "weir: --memory %s: expected a size such as 256M, at least 1M\n",
                      optarg);
        return -EINVAL;
    default:
        return -EINVAL; /* getopt has said why */
    }
}

static void weir_replay_signal(int signo)
{
    (void)signo;
    weir_replay_stop();
}

/* Each file takes a descriptor; the soft limit is 1,024 on most systems, the hard one far above. */
static void weir_replay_raise_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit); /* without it, files beyond the limit are reported */
}

/* An exit status. */
static int weir_replay_options_read(struct weir_replay_options *o, const struct weir_command *self,
                                    int argc, char **argv)
{
    int option, r;

    while ((option = weir_command_getopt(self, argc, argv)) != -1) {
        r = weir_replay_set(o, option);
        if (r < 0)
            return r == -EBADMSG ? 1 : 2;
    }
    if (optind == argc) {
        weir_command_usage(self, stderr);
        return 2;
    }
    if (argc - optind > WEIR_MERGE_FILES_MAX) {
        (void)fprintf(stderr, "weir: %d files, expected at most %d\n", argc - optind,
                      WEIR_MERGE_FILES_MAX);
        return 2;
    }
    return 0;
}

static int weir_replay_run(const struct weir_command *self, int argc, char **argv)
{
    struct weir_replay_options o = { .memory_bytes = WEIR_REPLAY_MEMORY,
                                     .out = stdout,
                                     .err = stderr };
    struct sigaction stop = { .sa_handler = weir_replay_signal,
                              .sa_flags = (int)(SA_RESETHAND | SA_RESTART) };
    int status = weir_replay_options_read(&o, self, argc, argv);

    if (status) {
        weir_settings_free(o.policy);
        return status;
    }
    weir_replay_raise_files();
    o.paths = argv + optind;
    o.files = (unsigned)(argc - optind);
    /* A second interrupt ends the program as usual; a closed pipe is a write error, not a death. */
    (void)sigaction(SIGINT, &stop, NULL);
    (void)sigaction(SIGTERM, &stop, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    status = weir_replay(&o);
    weir_settings_free(o.policy);
    return status;
}

const struct weir_command weir_command_replay = {
    .name = "replay",
    .arguments = "FILE...",
    .summary = "findings of capture files; needs no privilege",
    .text =
        "Reads pcap and pcapng files (gzip too, - is standard input), runs the same inspection as "
        "the kernel does on a live interface, and prints what it finds. Several files are read as "
        "one, in the order of their times.\n\n"
        "With --config findings are those of a policy, as the kernel would have judged by it: a "
        "candidate can be tried on yesterday's traffic. The rest of the capture stays as it was, "
        "whatever would have been dropped of it.\n\n"
        "The exit status is 0 even when there are findings, and 1 when a file was damaged: its "
        "packets up to the damage are reported all the same.",
    .options = weir_replay_table,
    .run = weir_replay_run,
};
