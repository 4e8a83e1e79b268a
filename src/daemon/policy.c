/* SPDX-License-Identifier: Apache-2.0 */

/* `weir policy`. check and keys need no daemon; apply reads and checks as check does, then sends
 * the texts: the daemon opens no path for a client. */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/client.h"
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

/* *ret NULL: what is wrong is in *f, the texts in *b. Returns an exit status; 1 in that case. */
static int file_read(const char *path, struct weir_bundle *b, struct weir_settings **ret,
                     struct weir_faults *f)
{
    struct weir_error e = { 0 };
    int r = weir_bundle_open(b, path, &e);

    if (r == 0)
        r = weir_settings_read(b, ret, f);
    if (r == 0 || r == -EBADMSG)
        return r ? 1 : 0;
    (void)fprintf(stderr, "weir: %s\n", e.text[0] ? e.text : strerror(-r));
    return weir_exit_status(r);
}

static int check_file(const char *path, bool json)
{
    _cleanup_(weir_settings_freep) struct weir_settings *s = NULL;
    _cleanup_(weir_bundle_free) struct weir_bundle b = { 0 };
    struct weir_faults f = { 0 };
    int status = file_read(path, &b, &s, &f);

    return s || f.n ? check_report(s, &f, s ? &s->bundle : &b, json) : status;
}

int weir_policy_read(const char *path, struct weir_settings **ret)
{
    _cleanup_(weir_buf_free) struct weir_buf why = { 0 };
    int r = weir_settings_open(path, ret, &why);

    if (r < 0)
        (void)write_out(&why, stderr);
    return weir_exit_status(r);
}

void weir_remarks_print(const char *text, size_t len)
{
    while (len) {
        const char *eol = memchr(text, '\n', len);
        size_t n = eol ? (size_t)(eol - text) : len;

        (void)fprintf(stderr, "weir: %.*s\n", (int)n, text);
        n += eol != NULL;
        text += n;
        len -= n;
    }
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
    struct weir_json j = { .out = &out };
    bool json = false;
    int c;

    while ((c = weir_command_getopt(self, argc, argv)) != -1) {
        if (c != 'j')
            return 2;
        json = true;
    }
    if (optind != argc) {
        weir_command_usage(self, stderr);
        return 2;
    }
    if (!json) {
        weir_settings_reference(&out);
        return write_out(&out, stdout);
    }
    weir_json_object(&j, NULL);
    weir_settings_reference_json(&j);
    weir_json_object_end(&j);
    weir_buf_add_char(&out, '\n');
    return write_out(&out, stdout);
}

#define APPLY_SECONDS 60 /* two loads of programs and a long list, on a busy machine */

/* Takes the request over. */
static int apply_send(const char *dir, json_t *request)
{
    _cleanup_(weir_json_freep) json_t *reply = NULL;
    _cleanup_close_ int fd = -1;
    const char *remarks;
    int r = weir_client_open(dir, 0, &fd);

    if (r) {
        json_decref(request);
        return r;
    }
    weir_client_patience(fd, APPLY_SECONDS);
    r = weir_client_send(fd, request);
    if (r == 0)
        r = weir_client_receive(fd, &reply);
    remarks = json_string_value(json_object_get(reply, "remarks"));
    if (r == 0 && remarks)
        weir_remarks_print(remarks, strlen(remarks));
    return r;
}

static int apply_run(const struct weir_command *self, int argc, char **argv)
{
    _cleanup_(weir_settings_freep) struct weir_settings *s = NULL;
    _cleanup_(weir_buf_free) struct weir_buf text = { 0 };
    const char *dir = WEIR_STATE_DIR;
    json_t *request;
    int option, status;

    while ((option = weir_command_getopt(self, argc, argv)) != -1) {
        if (option != 'd')
            return 2;
        dir = optarg;
    }
    if (optind + 1 != argc) {
        weir_command_usage(self, stderr);
        return 2;
    }
    status = weir_policy_read(argv[optind], &s);
    if (status)
        return status;
    weir_bundle_write(&s->bundle, &text);
    request = text.failed ? NULL
                          : json_pack("{s:s,s:s%}", "command", "policy apply", "bundle", text.data,
                                      text.len);
    if (!request) {
        (void)fprintf(stderr, "weir: %s: expected UTF-8, in the lists too\n", argv[optind]);
        return 1;
    }
    return apply_send(dir, request);
}

static void show_print(json_t *reply)
{
    const char *text = json_string_value(json_object_get(reply, "text"));
    const char *name = json_string_value(json_object_get(reply, "policy"));
    const char *applied = json_string_value(json_object_get(reply, "applied"));

    (void)printf("# policy: %s%s%s\n# mode now: %s\n", name && *name ? name : "none, the defaults",
                 applied ? ", applied " : "", applied ? applied : "",
                 json_string_value(json_object_get(reply, "mode")));
    if (text)
        (void)fputs(text, stdout);
}

static int show_run(const struct weir_command *self, int argc, char **argv)
{
    return weir_client_report(self, argc, argv, show_print);
}

static const struct weir_option keys_options[] = {
    { "json", 'j', NULL, "one JSON object" },
    { NULL, 0, NULL, NULL },
};

static const struct weir_option apply_options[] = {
    { "state-dir", 'd', "DIR", "of the instance (default /run/weir)" },
    { NULL, 0, NULL, NULL },
};

static const struct weir_option show_options[] = {
    { "json", 'j', NULL, "one JSON object" },
    { "state-dir", 'd', "DIR", "of the instance (default /run/weir)" },
    { NULL, 0, NULL, NULL },
};

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
    .options = keys_options,
    .run = keys_run,
};

const struct weir_command weir_command_policy_apply = {
    .name = "policy apply",
    .arguments = "FILE",
    .summary = "put a policy in force, as a whole or not at all",
    .text =
        "Checks the policy as `weir policy check` does, then hands it to the daemon with its "
        "lists. No packet is judged by half of it, and none goes unjudged meanwhile. When it "
        "cannot be put in force, the policy before stays as it was. It holds until another is "
        "applied, over restarts as well.\n\n"
        "What takes effect later (limits, interfaces) or looks like a mistake is told on standard "
        "error.",
    .options = apply_options,
    .run = apply_run,
};

const struct weir_command weir_command_policy_show = {
    .name = "policy show",
    .arguments = "",
    .summary = "the policy in force, and where each value comes from",
    .text = "Every key with its value, and the line and column of the file that says so, or "
            "\"default\". Of lists it tells how many prefixes they have; `weir bans` lists them.",
    .options = show_options,
    .run = show_run,
};
