/* SPDX-License-Identifier: Apache-2.0 */

/* `weir floods`: floods, and what is usual where they would be told. */

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/client.h"
#include "cli/client_commands.h"

static const struct weir_option options[] = {
    { "forget", 'f', NULL, "first forget all that was learned, and every flood" },
    { "import", 'i', "FILE", "then take what is usual from what --json printed" },
    { "json", 'j', NULL, "all of them, as one JSON object" },
    { "state-dir", 'd', "DIR", "of the instance (default /run/weir)" },
    { NULL, 0, NULL, NULL },
};

#define SHOWN 100
#define ALL 65536 /* the largest table */

static json_int_t number(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

static const char *text(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));

    return s ? s : "-";
}

static void flood_print(const json_t *flood)
{
    const json_t *vectors = json_object_get(flood, "vectors"), *v;
    size_t i;

    (void)printf("    flood since %s, ", text(flood, "began"));
    if (json_object_get(flood, "over"))
        (void)printf("over since %s, ", text(flood, "over"));
    (void)printf("%" JSON_INTEGER_FORMAT " clients served\n", number(flood, "served"));
    json_array_foreach(vectors, i, v)(void)
        printf("    %s: %" JSON_INTEGER_FORMAT " packets, peak %" JSON_INTEGER_FORMAT "%s\n",
               text(v, "detection"), number(v, "packets"), number(v, "peak_per_s"),
               strcmp(text(v, "detection"), "flood.half_open") ? "/s" : " open at once");
    if (json_is_true(json_object_get(flood, "fingerprint_holds")))
        (void)printf("    most SYNs have fingerprint %08x: these may be dropped\n",
                     (unsigned)number(flood, "fingerprint"));
    if (json_is_true(json_object_get(flood, "clients_wait")))
        (void)printf("    clients wait: first SYNs may be dropped, their second ones pass\n");
}

static void record_print(const json_t *o)
{
    const char *addr = text(o, "address");
    json_t *flood = json_object_get(o, "flood");
    char name[64];

    if (json_object_get(o, "port"))
        (void)snprintf(name, sizeof(name), strchr(addr, ':') ? "[%s]:%d" : "%s:%d", addr,
                       (int)number(o, "port"));
    else
        (void)snprintf(name, sizeof(name), "%s", addr);
    (void)printf("%-44s %-8s %8" JSON_INTEGER_FORMAT " %8" JSON_INTEGER_FORMAT
                 " %8" JSON_INTEGER_FORMAT " %8" JSON_INTEGER_FORMAT " %8" JSON_INTEGER_FORMAT "\n",
                 name, text(o, "state"), number(o, "syn_per_s"), number(o, "syn_usual_per_s"),
                 number(o, "syn_limit_per_s"), number(o, "half_open"),
                 number(o, "half_open_limit"));
    if (flood)
        flood_print(flood);
}

static void floods_print(const json_t *reply)
{
    const json_t *floods = json_object_get(reply, "floods"), *o;
    json_int_t more = number(reply, "floods_known") - (json_int_t)json_array_size(floods);
    size_t i;

    (void)printf("%-44s %-8s %8s %8s %8s %8s %8s\n", "service or address", "state", "SYN/s",
                 "usual", "limit", "half", "limit");
    json_array_foreach(floods, i, o) record_print(o);
    if (more > 0)
        (void)printf("and %" JSON_INTEGER_FORMAT " more\n", more);
}

/* Only what is usual, of so many: a request has a bound. */
#define IMPORT_AT_ONCE 256

static int import_some(const char *dir, const json_t *floods, size_t from, json_int_t *taken)
{
    static const char *const keys[] = { "kind", "address", "port", "syn_usual_per_s",
                                        "half_open_usual" };
    _cleanup_(weir_json_freep) json_t *reply = NULL;
    json_t *some = json_array();
    int r;

    for (size_t i = from; i < json_array_size(floods) && i < from + IMPORT_AT_ONCE; i++) {
        json_t *one = json_object();

        for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
            (void)json_object_set(one, keys[k],
                                  json_object_get(json_array_get(floods, i), keys[k]));
        (void)json_array_append_new(some, one);
    }
    r = weir_client_ask(
        dir, json_pack("{s:s,s:i,s:o}", "command", "floods", "max", 1, "usual", some), &reply);
    *taken += r ? 0 : number(reply, "taken");
    return r;
}

static int import(const char *dir, const char *path)
{
    json_error_t why;
    _cleanup_(weir_json_freep) json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
    const json_t *floods = json_object_get(root, "floods");
    json_int_t taken = 0;
    int r = 0;

    if (!json_is_array(floods)) {
        (void)fprintf(stderr, "weir: %s: %s; expected what `weir floods --json` prints\n", path,
                      root ? "no list \"floods\"" : why.text);
        return 1;
    }
    for (size_t i = 0; i < json_array_size(floods) && r == 0; i += IMPORT_AT_ONCE)
        r = import_some(dir, floods, i, &taken);
    if (r == 0 && taken < (json_int_t)json_array_size(floods)) {
        (void)fprintf(stderr, "weir: %s: room for %" JSON_INTEGER_FORMAT " of %zu\n", path, taken,
                      json_array_size(floods));
        return 1;
    }
    return r;
}

static int forget_all(const char *dir)
{
    _cleanup_(weir_json_freep) json_t *reply = NULL;

    return weir_client_ask(
        dir, json_pack("{s:s,s:i,s:b}", "command", "floods", "max", 1, "forget", 1), &reply);
}

static int run(const struct weir_command *self, int argc, char **argv)
{
    _cleanup_(weir_json_freep) json_t *reply = NULL;
    const char *dir = WEIR_STATE_DIR_DEFAULT, *file = NULL;
    bool forget = false, json = false;
    int option, r;

    while ((option = weir_command_getopt(self, argc, argv)) != -1) {
        switch (option) {
        case 'f':
            forget = true;
            break;
        case 'i':
            file = optarg;
            break;
        case 'j':
            json = true;
            break;
        case 'd':
            dir = optarg;
            break;
        default:
            return 2; /* getopt has said why */
        }
    }
    if (argc != optind) {
        weir_command_usage(self, stderr);
        return 2;
    }
    r = forget ? forget_all(dir) : 0;
    if (r == 0 && file)
        r = import(dir, file);
    if (r == 0)
        r = weir_client_ask(
            dir, json_pack("{s:s,s:i}", "command", self->name, "max", json ? ALL : SHOWN), &reply);
    if (r)
        return r;
    if (json)
        (void)json_dumpf(reply, stdout, JSON_COMPACT), (void)putchar('\n');
    else
        floods_print(reply);
    return 0;
}

const struct weir_command weir_command_floods = {
    .name = "floods",
    .arguments = "",
    .summary = "floods, whom they hit, who was served meanwhile, and what is usual there",
    .text =
        "For each service that was seen to answer, and each address of this machine: rate of SYNs "
        "and half-open handshakes, now, as learned in peace, and the limits that follow from it; "
        "the flood that goes on, or the last one. What the numbers mean: "
        "docs/decisions/007-floods.md. With --json all of it, to be kept, and brought back with "
        "--import, here or on another machine; limits follow what is usual.",
    .options = options,
    .run = run,
};
