/* SPDX-License-Identifier: Apache-2.0 */

/* `weir policy`: what needs no daemon. */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "daemon/command.h"
#include "daemon/daemon.h"

static const struct weir_option check_options[] = {
    { "json", 'j', NULL, "one JSON object" },
    { NULL, 0, NULL, NULL },
};

static int write_out(const struct weir_buf *out, FILE *to)
{
    if (out->failed) {
        (void)fprintf(stderr, "weir: no memory\n");
        return 1;
    }
    return fwrite(out->data, 1, out->len, to) != out->len || fflush(to) ? 1 : 0;
}

/* Errors to standard error as text, or all in one object on standard output. */
static int check_report(const struct weir_settings *s, const struct weir_faults *f,
                        const struct weir_bundle *b, bool json)
{
    _cleanup_(weir_buf_free) struct weir_buf out = { 0 };
    struct weir_json j = { .out = &out };

    if (json) {
        weir_json_object(&j, NULL);
        weir_json_bool(&j, "ok", s != NULL);
        weir_faults_json(f, b, &j);
        if (s)
            weir_settings_json(s, &j);
        weir_json_object_end(&j);
        weir_buf_add_char(&out, '\n');
        return write_out(&out, stdout) || !s;
    }
    if (!s) {
        weir_faults_write(f, b, &out);
        (void)write_out(&out, stderr);
        return 1;
    }
    weir_buf_addf(&out, "%s: good", b->file[0].name);
    weir_buf_addf(&out, "; %zu zones, %zu actions, allow %zu, deny %zu prefixes\n", s->zones.n,
                  s->detections.n, s->allowed.n, s->denied.n);
    return write_out(&out, stdout);
}

static int check_file(const char *path, bool json)
{
    _cleanup_(weir_settings_freep) struct weir_settings *s = NULL;
    _cleanup_(weir_bundle_free) struct weir_bundle b = { 0 };
    struct weir_faults faults;
    struct weir_error e = { 0 };
    int r = weir_bundle_open(&b, path, &e);

    if (r == 0)
        r = weir_settings_read(&b, &s, &faults);
    if (r < 0 && r != -EBADMSG) {
        (void)fprintf(stderr, "weir: %s\n", e.text[0] ? e.text : strerror(-r));
        return weir_exit_status(r);
    }
    return check_report(s, &faults, s ? &s->bundle : &b, json);
}

static int check_run(const struct weir_command *self, int argc, char **argv)
{
    bool json = false;
    int option;

    while ((option = weir_command_getopt(self, argc, argv)) != -1) {
        if (option != 'j')
            return 2;
        json = true;
    }
    if (optind + 1 != argc) {
        weir_command_usage(self, stderr);
        return 2;
    }
    return check_file(argv[optind], json);
}

static int keys_run(const struct weir_command *self, int argc, char **argv)
{
    _cleanup_(weir_buf_free) struct weir_buf out = { 0 };

    if (weir_command_getopt(self, argc, argv) != -1)
        return 2;
    if (optind != argc) {
        weir_command_usage(self, stderr);
        return 2;
    }
    weir_settings_reference(&out);
    return write_out(&out, stdout);
}

const struct weir_command weir_command_policy_check = {
    .name = "policy check",
    .arguments = "FILE",
    .summary = "is a policy file good? Names every error with its place",
    .text =
        "Reads the policy and the lists that it names, applies nothing, and needs neither daemon "
        "nor privilege. Errors are FILE:LINE:COLUMN, the value, and what was expected. Exit "
        "status 0 when it is good, 1 when it is not, 5 when there is no such file.",
    .options = check_options,
    .run = check_run,
};

const struct weir_command weir_command_policy_keys = {
    .name = "policy keys",
    .arguments = "",
    .summary = "every key of a policy, its values, default and meaning",
    .text = "The table of docs/policy.md, as this version knows it.",
    .run = keys_run,
};
