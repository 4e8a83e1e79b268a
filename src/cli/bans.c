/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/cleanup.h"
#include "cli/client.h"
#include "cli/client_commands.h"

#define SECONDS_MAX (100 * 365 * 86400ULL)

static const struct weir_option ban_options[] = {
    { "for", 'f', "TIME", "how long: 90s, 10m, 2h, 7d (default: until lifted)" },
    { "scope", 's', "all|tcp|new",
      "what of the source is dropped: every packet (default), its TCP packets, or its SYNs alone, "
      "so "
      "that open connections go on" },
    { "reason", 'r', "TEXT", "what `weir bans` shows, at most 127 bytes" },
    { "force", 'F', NULL, "even whom the policy's bans.never spares" },
    { "state-dir", 'd', "DIR", "of the instance (default /run/weir)" },
    { NULL, 0, NULL, NULL },
};

static const struct weir_option unban_options[] = {
    { "state-dir", 'd', "DIR", "of the instance (default /run/weir)" },
    { NULL, 0, NULL, NULL },
};

static const struct weir_option bans_options[] = {
    { "json", 'j', NULL, "one JSON object" },
    { "state-dir", 'd', "DIR", "of the instance (default /run/weir)" },
    { NULL, 0, NULL, NULL },
};

/* "10m"; seconds without a letter. */
static int seconds_parse(const char *text, uint64_t *ret)
{
    static const struct {
        char letter;
        unsigned seconds;
    } unit[] = { { '\0', 1 }, { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
    unsigned long long v;
    char *end;

    if (*text < '0' || *text > '9')
        return -EINVAL;
    errno = 0;
    v = strtoull(text, &end, 10);
    if (errno || !v || (*end && end[1]))
        return -EINVAL;
    for (size_t i = 0; i < sizeof(unit) / sizeof(unit[0]); i++) {
        if (*end != unit[i].letter || v > SECONDS_MAX / unit[i].seconds)
            continue;
        *ret = v * unit[i].seconds;
        return 0;
    }
    return -EINVAL;
}

/* The one argument behind the options. */
static int prefix_argument(const struct weir_command *self, int argc, char **argv)
{
    struct weir_prefix prefix;

    if (optind + 1 != argc) {
        weir_command_usage(self, stderr);
        return 2;
    }
    if (weir_prefix_parse(argv[optind], &prefix) == 0)
        return 0;
    (void)fprintf(stderr,
                  "weir: %s: expected an address or ADDR/LEN with no bit set behind LEN, such as "
                  "192.0.2.1 or 2001:db8::/32\n",
                  argv[optind]);
    return 2;
}

static int ban_run(const struct weir_command *self, int argc, char **argv)
{
    const char *dir = WEIR_STATE_DIR_DEFAULT, *reason = "", *scope = "all";
    uint64_t seconds = 0;
    bool force = false;
    json_t *request;
    int option, r;

    while ((option = weir_command_getopt(self, argc, argv)) != -1) {
        if (option == 'r') {
            reason = optarg;
        } else if (option == 's') {
            scope = optarg;
        } else if (option == 'F') {
            force = true;
        } else if (option == 'd') {
            dir = optarg;
        } else if (option != 'f') {
            return 2;
        } else if (seconds_parse(optarg, &seconds) < 0) {
            (void)fprintf(stderr, "weir: --for %s: expected a time such as 90s, 10m, 2h or 7d\n",
                          optarg);
            return 2;
        }
    }
    r = prefix_argument(self, argc, argv);
    if (r)
        return r;
    request =
        json_pack("{s:s,s:s,s:I,s:s,s:s,s:b}", "command", "ban", "prefix", argv[optind], "seconds",
                  (json_int_t)seconds, "scope", scope, "reason", reason, "force", force);
    if (!request) {
        (void)fprintf(stderr, "weir: --scope, --reason: expected UTF-8\n");
        return 2;
    }
    return weir_client_ask(dir, request, NULL);
}

static int unban_run(const struct weir_command *self, int argc, char **argv)
{
    const char *dir = WEIR_STATE_DIR_DEFAULT;
    int option, r;

    while ((option = weir_command_getopt(self, argc, argv)) != -1) {
        if (option != 'd')
            return 2;
        dir = optarg;
    }
    r = prefix_argument(self, argc, argv);
    if (r)
        return r;
    return weir_client_ask(dir, json_pack("{s:s,s:s}", "command", "unban", "prefix", argv[optind]),
                           NULL);
}

static void bans_print(json_t *reply)
{
    json_t *ban;
    size_t i;

    json_array_foreach(json_object_get(reply, "bans"), i, ban)
    {
        json_t *left = json_object_get(ban, "expires_in_s");
        char until[32] = "until lifted";

        if (left)
            (void)snprintf(until, sizeof(until), "%" JSON_INTEGER_FORMAT " s left",
                           json_integer_value(left));
        (void)printf("%-24s %-5s %-4s %-16s %10" JSON_INTEGER_FORMAT " packets  %s\n",
                     json_string_value(json_object_get(ban, "prefix")),
                     json_string_value(json_object_get(ban, "kind")),
                     json_string_value(json_object_get(ban, "scope")), until,
                     json_integer_value(json_object_get(ban, "packets")),
                     json_string_value(json_object_get(ban, "reason")));
    }
}

static int bans_run(const struct weir_command *self, int argc, char **argv)
{
    return weir_client_report(self, argc, argv, bans_print);
}

const struct weir_command weir_command_ban = {
    .name = "ban",
    .arguments = "ADDR[/LEN]",
    .summary = "drop packets from a source",
    .text =
        "Enters or replaces a ban. Packets are dropped in enforce mode; in observe mode they "
        "are counted as would-be drops. Gateways, name servers and the other ends of SSH "
        "sessions are refused (exit status 6), unless the policy's bans.never says otherwise. A "
        "ban holds when the daemon ends, and comes back from "
        "the state directory after a reboot if that is kept.",
    .options = ban_options,
    .run = ban_run,
};

const struct weir_command weir_command_unban = {
    .name = "unban",
    .arguments = "ADDR[/LEN]",
    .summary = "lift a ban",
    .text = "Exit status 5 when there is no such ban.",
    .options = unban_options,
    .run = unban_run,
};

const struct weir_command weir_command_bans = {
    .name = "bans",
    .arguments = "",
    .summary = "sources that are banned or denied",
    .text = "What the kernel holds: prefix, time left, packets that met it, reason.",
    .options = bans_options,
    .run = bans_run,
};
