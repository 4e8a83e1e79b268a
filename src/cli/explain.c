/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "cli/client.h"
#include "cli/client_commands.h"
#include "cli/endpoint.h"

static const struct weir_option explain_options[] = {
    { "json", 'j', NULL, "one JSON object" },
    { "state-dir", 'd', "DIR", "of the instance (default /run/weir)" },
    { NULL, 0, NULL, NULL },
};

static const char *text_of(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));

    return s ? s : "";
}

static void explain_print(json_t *reply)
{
    json_t *row;
    size_t i;

    (void)printf("%-9s %s\n", "verdict", text_of(json_object_get(reply, "verdict"), "text"));
    json_array_foreach(json_object_get(reply, "because"), i, row)
    {
        (void)printf("%-9s %s\n", text_of(row, "topic"), text_of(row, "text"));
    }
    json_array_foreach(json_object_get(reply, "findings"), i, row)
    {
        (void)printf("%-9s %s\n", i ? "" : "findings", json_string_value(row));
    }
}

static int endpoint_argument(const char *text, struct weir_endpoint *ret)
{
    if (weir_endpoint_parse(text, ret) == 0)
        return 0;
    (void)fprintf(
        stderr,
        "weir: %s: expected an address, or ADDR:PORT, such as 192.0.2.1, 192.0.2.1:443 or "
        "[2001:db8::1]:443\n",
        text);
    return 2;
}

static json_t *request_of(const struct weir_endpoint *from, const struct weir_endpoint *to,
                          bool text)
{
    json_t *request =
        json_pack("{s:s,s:s,s:b}", "command", "explain", "address", from->addr, "text", (int)text);

    if (request && from->has_port)
        (void)json_object_set_new(request, "port", json_integer(from->port));
    if (request && to && to->addr[0])
        (void)json_object_set_new(request, "dest", json_string(to->addr));
    if (request && to && to->has_port)
        (void)json_object_set_new(request, "dest_port", json_integer(to->port));
    return request;
}

static int explain_run(const struct weir_command *self, int argc, char **argv)
{
    _cleanup_(weir_json_freep) json_t *reply = NULL;
    struct weir_endpoint end[2] = { 0 };
    const char *dir = WEIR_STATE_DIR_DEFAULT;
    bool json = false;
    int option, n, r;

    while ((option = weir_command_getopt(self, argc, argv)) != -1) {
        if (option == 'j')
            json = true;
        else if (option == 'd')
            dir = optarg;
        else
            return 2;
    }
    n = argc - optind;
    if (n < 1 || n > 2) {
        weir_command_usage(self, stderr);
        return 2;
    }
    for (int i = 0; i < n; i++) {
        r = endpoint_argument(argv[optind + i], &end[i]);
        if (r)
            return r;
    }
    r = weir_client_ask(dir, request_of(&end[0], n == 2 ? &end[1] : NULL, !json), &reply);
    if (r)
        return r;
    if (json)
        (void)json_dumpf(reply, stdout, JSON_COMPACT), (void)putchar('\n');
    else
        explain_print(reply);
    return 0;
}

const struct weir_command weir_command_explain = {
    .name = "explain",
    .arguments = "ADDR[:PORT] [DST[:PORT]]",
    .summary = "why a source passes, or is dropped",
    .text = "Says what would happen to the next packet from the address, and then why: the mode, "
            "whether it is an address of this machine, the allow, ban or deny entries that hold "
            "it, its running incidents, the scan that it takes part in with the evidence, and the "
            "newest findings about it. With ports or a "
            "destination only incidents and findings between those are shown.",
    .options = explain_options,
    .run = explain_run,
};
