/* SPDX-License-Identifier: Apache-2.0 */

/* `weir flows` and `weir services`: how connections and servers' ports do. */

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/client.h"
#include "cli/client_commands.h"
#include "cli/endpoint.h"

static const struct weir_option flows_options[] = {
    { "sort", 's', "KEY",
      "bytes (the default), rtt, retransmitted, zero_window, age or active: largest first" },
    { "max", 'n', "N", "at most so many, 1 to 1000 (default 50)" },
    { "half-open", 'H', NULL, "those that are not established, too" },
    { "json", 'j', NULL, "one JSON object" },
    { "state-dir", 'd', "DIR", "of the instance (default /run/weir)" },
    { NULL, 0, NULL, NULL },
};

static const struct weir_option services_options[] = {
    { "sort", 's', "KEY", "connections (the default), bytes, latency or failures: largest first" },
    { "max", 'n', "N", "at most so many, 1 to 256 (default 20)" },
    { "json", 'j', NULL, "one JSON object" },
    { "state-dir", 'd', "DIR", "of the instance (default /run/weir)" },
    { NULL, 0, NULL, NULL },
};

struct ask {
    json_t *request; /* owned */
    const char *dir;
    bool json;
};

static int max_set(struct ask *a, const char *text)
{
    char *end;
    long n;

    errno = 0;
    n = strtol(text, &end, 10);
    if (errno || *end || end == text) {
        (void)fprintf(stderr, "weir: --max %s: expected a number\n", text);
        return 2;
    }
    return json_object_set_new(a->request, "max", json_integer(n)) ? 1 : 0;
}

static int option_set(struct ask *a, int option)
{
    switch (option) {
    case 's':
        return json_object_set_new(a->request, "sort", json_string(optarg)) ? 2 : 0;
    case 'n':
        return max_set(a, optarg);
    case 'H':
        return json_object_set_new(a->request, "half_open", json_true()) ? 1 : 0;
    case 'j':
        a->json = true;
        return 0;
    case 'd':
        a->dir = optarg;
        return 0;
    default:
        return 2; /* getopt has said why */
    }
}

static int end_set(struct ask *a, const char *text)
{
    struct weir_endpoint end = { 0 };

    if (weir_endpoint_parse(text, &end) < 0) {
        (void)fprintf(stderr,
                      "weir: %s: expected an address, or ADDR:PORT, such as 192.0.2.1 or "
                      "[2001:db8::1]:443\n",
                      text);
        return 2;
    }
    (void)json_object_set_new(a->request, "address", json_string(end.addr));
    if (end.has_port)
        (void)json_object_set_new(a->request, "port", json_integer(end.port));
    return 0;
}

/* Options, and at most `arguments` endpoints. Returns an exit status. */
static int ask_read(const struct weir_command *self, struct ask *a, int arguments, int argc,
                    char **argv)
{
    int option, r = 0;

    while (r == 0 && (option = weir_command_getopt(self, argc, argv)) != -1)
        r = option_set(a, option);
    if (r == 0 && argc - optind > arguments) {
        weir_command_usage(self, stderr);
        return 2;
    }
    if (r == 0 && argc - optind == 1)
        r = end_set(a, argv[optind]);
    return r;
}

static int ask_run(const struct weir_command *self, int arguments, int argc, char **argv,
                   void (*print)(json_t *reply))
{
    _cleanup_(weir_json_freep) json_t *reply = NULL;
    struct ask a = { json_pack("{s:s}", "command", self->name), WEIR_STATE_DIR_DEFAULT, false };
    int r = ask_read(self, &a, arguments, argc, argv);

    if (r) {
        json_decref(a.request);
        return r;
    }
    if (arguments == 0)
        (void)json_object_set_new(a.request, "text", json_boolean(!a.json));
    r = weir_client_ask(a.dir, a.request, &reply);
    if (r)
        return r;
    if (a.json)
        (void)json_dumpf(reply, stdout, JSON_COMPACT), (void)putchar('\n');
    else
        print(reply);
    return 0;
}

static json_int_t number(const json_t *o, const char *member, const char *key)
{
    return json_integer_value(json_object_get(member ? json_object_get(o, member) : o, key));
}

static void end_print(const json_t *o, const char *ip, const char *port)
{
    const char *addr = json_string_value(json_object_get(o, ip));
    char text[64];

    (void)snprintf(text, sizeof(text), addr && strchr(addr, ':') ? "[%s]:%d" : "%s:%d",
                   addr ? addr : "", (int)number(o, NULL, port));
    (void)printf("%-26s ", text);
}

/* Milliseconds to and from a side; "-" without a measurement. */
static void rtt_print(const json_t *weir, const char *side)
{
    json_t *rtt = json_object_get(json_object_get(weir, side), "rtt_us");

    if (rtt)
        (void)printf("%8.2f ", (double)json_integer_value(rtt) / 1000);
    else
        (void)printf("%8s ", "-");
}

static void flow_print(const json_t *f)
{
    const json_t *weir = json_object_get(f, "weir");
    const char *state = json_string_value(json_object_get(weir, "state"));

    end_print(f, "src_ip", "src_port");
    end_print(f, "dest_ip", "dest_port");
    (void)printf("%-11s %8.1f %8.1f ", state ? state : "", (double)number(f, NULL, "age_ms") / 1000,
                 (double)number(f, NULL, "quiet_ms") / 1000);
    rtt_print(weir, "client");
    rtt_print(weir, "server");
    (void)printf("%12" JSON_INTEGER_FORMAT " %12" JSON_INTEGER_FORMAT " %6" JSON_INTEGER_FORMAT
                 " %6" JSON_INTEGER_FORMAT " %7" JSON_INTEGER_FORMAT "\n",
                 number(f, "flow", "bytes_toserver"), number(f, "flow", "bytes_toclient"),
                 number(weir, "client", "retransmitted"), number(weir, "server", "retransmitted"),
                 number(weir, "client", "zero_window_ms") +
                     number(weir, "server", "zero_window_ms"));
}

/* What the answer leaves out. */
static void unseen_print(const json_t *reply, const char *busy, const char *unlooked)
{
    if (number(reply, NULL, busy))
        (void)printf("not read, because packets came all the while: %" JSON_INTEGER_FORMAT "\n",
                     number(reply, NULL, busy));
    if (number(reply, NULL, unlooked))
        (void)printf("places of the table not looked at: %" JSON_INTEGER_FORMAT "\n",
                     number(reply, NULL, unlooked));
}

static void flows_print(json_t *reply)
{
    json_t *flows = json_object_get(reply, "flows"), *f;
    json_int_t more = number(reply, NULL, "flows_seen") - (json_int_t)json_array_size(flows);
    size_t i;

    (void)printf("%-26s %-26s %-11s %8s %8s %8s %8s %12s %12s %6s %6s %7s\n", "", "", "", "", "",
                 "rtt ms", "rtt ms", "payload", "payload", "again", "again", "window");
    (void)printf("%-26s %-26s %-11s %8s %8s %8s %8s %12s %12s %6s %6s %7s\n", "client", "server",
                 "state", "age s", "quiet s", "client", "server", "to server", "to client",
                 "client", "server", "0 ms");
    json_array_foreach(flows, i, f) flow_print(f);
    if (more > 0)
        (void)printf("and %" JSON_INTEGER_FORMAT " more\n", more);
    unseen_print(reply, "flows_busy", "places_unlooked");
}

static void services_print(json_t *reply)
{
    const char *table = json_string_value(json_object_get(reply, "text"));

    (void)fputs(table ? table : "", stdout);
    unseen_print(reply, "services_flows_busy", "services_places_unlooked");
}

static int flows_run(const struct weir_command *self, int argc, char **argv)
{
    return ask_run(self, 1, argc, argv, flows_print);
}

static int services_run(const struct weir_command *self, int argc, char **argv)
{
    return ask_run(self, 0, argc, argv, services_print);
}

const struct weir_command weir_command_flows = {
    .name = "flows",
    .arguments = "[ADDR[:PORT]]",
    .summary = "connections that go on, and how well they do",
    .text =
        "From each packet that passed: round trips between here and either end, payload, segments "
        "sent again, closed windows. With ADDR only connections with that end. What the numbers "
        "mean: docs/analytics.md.",
    .options = flows_options,
    .run = flows_run,
};

const struct weir_command weir_command_services = {
    .name = "services",
    .arguments = "",
    .summary = "how each server's port does: latency, losses, failures",
    .text = "Connections that ended since the instance was started and those that go on, by the "
            "server's address and port. Percentiles are of the last 5 to 10 minutes and of what "
            "goes on.",
    .options = services_options,
    .run = services_run,
};
