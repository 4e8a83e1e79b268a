/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "cli/client.h"
#include "cli/client_commands.h"

static const struct weir_option status_options[] = {
    { "json", 'j', NULL, "one JSON object" },
    { "state-dir", 'd', "DIR", "of the instance (default /run/weir)" },
    { NULL, 0, NULL, NULL },
};

static const char *text_of(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));

    return s ? s : "";
}

/* "key value" lines of what is not zero. */
static void numbers_print(const char *title, json_t *o)
{
    const char *key;
    json_t *value;

    json_object_foreach(o, key, value)
    {
        if (!json_integer_value(value))
            continue;
        (void)printf("%-11s %-24s %" JSON_INTEGER_FORMAT "\n", title, key,
                     json_integer_value(value));
        title = "";
    }
}

static void detections_print(json_t *o)
{
    const char *key, *title = "detections";
    json_t *value;

    json_object_foreach(o, key, value)
    {
        (void)printf("%-11s %-24s %" JSON_INTEGER_FORMAT, title, key,
                     json_integer_value(json_object_get(value, "found")));
        if (json_integer_value(json_object_get(value, "noted")))
            (void)printf(" (%" JSON_INTEGER_FORMAT " in a milder form)",
                         json_integer_value(json_object_get(value, "noted")));
        (void)putchar('\n');
        title = "";
    }
}

static void cookies_print(json_t *o)
{
    const json_t *found = json_object_get(o, "found");

    (void)printf("%-11s %s", "cookies", text_of(o, "when"));
    if (json_object_get(o, "tcp_syncookies"))
        (void)printf(", net.ipv4.tcp_syncookies %" JSON_INTEGER_FORMAT,
                     json_integer_value(json_object_get(o, "tcp_syncookies")));
    if (found)
        (void)printf(" (found %" JSON_INTEGER_FORMAT ")", json_integer_value(found));
    (void)putchar('\n');
}

static void status_print(json_t *s)
{
    json_t *interface;
    size_t i;

    (void)printf("%-11s %s\n", "mode", text_of(s, "mode"));
    (void)printf("%-11s %s%s\n", "started", text_of(s, "started"),
                 json_is_true(json_object_get(s, "adopted")) ? ", adopted what was pinned" : "");
    (void)printf("%-11s %s\n", "pins", *text_of(s, "pins") ? text_of(s, "pins") : "none");
    json_array_foreach(json_object_get(s, "interfaces"), i, interface)(void) printf(
        "%-11s %s ingress %s, egress %s\n", i ? "" : "interfaces", text_of(interface, "name"),
        text_of(interface, "ingress"), text_of(interface, "egress"));
    cookies_print(json_object_get(s, "cookies"));
    numbers_print("packets", json_object_get(s, "packets"));
    numbers_print("outcomes", json_object_get(s, "outcomes"));
    detections_print(json_object_get(s, "detections"));
    numbers_print("counters", json_object_get(s, "counters"));
    numbers_print("bans made", json_object_get(s, "bans_by_detections"));
    numbers_print("scans", json_object_get(s, "scans"));
    numbers_print("evidence", json_object_get(s, "evidence"));
    numbers_print("tls", json_object_get(s, "tls"));
    numbers_print("losses", json_object_get(s, "losses"));
}

static int status_run(const struct weir_command *self, int argc, char **argv)
{
    return weir_client_report(self, argc, argv, status_print);
}

const struct weir_command weir_command_status = {
    .name = "status",
    .arguments = "",
    .summary = "what is attached, counted, found and lost",
    .text = "Asks the running instance. Numbers count from the first load and go on when an "
            "instance adopts what is pinned; only what is not zero is shown without --json.",
    .options = status_options,
    .run = status_run,
};
