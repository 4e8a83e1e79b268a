/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "cli/client.h"
#include "cli/client_commands.h"

static const struct weir_option events_options[] = {
    { "follow", 'f', NULL, "go on with those to come" },
    { "json", 'j', NULL, "EVE JSON lines" },
    { "state-dir", 'd', "DIR", "of the instance (default /run/weir)" },
    { NULL, 0, NULL, NULL },
};

/* true: there will be no more. */
static bool event_print(json_t *reply)
{
    json_t *event = json_object_get(reply, "event");
    const char *text = json_string_value(json_object_get(reply, "text"));
    json_int_t missed = json_integer_value(json_object_get(reply, "missed"));

    if (event)
        (void)json_dumpf(event, stdout, JSON_COMPACT), (void)putchar('\n');
    if (text)
        (void)puts(text);
    if (missed)
        (void)fprintf(stderr, "weir: %" JSON_INTEGER_FORMAT " events missed: reading too slowly\n",
                      missed);
    return json_is_true(json_object_get(reply, "end"));
}

static int events_read(int fd)
{
    for (;;) {
        _cleanup_(weir_json_freep) json_t *reply = NULL;
        int r = weir_client_receive(fd, &reply);

        if (r)
            return r;
        if (event_print(reply))
            return 0;
        if (fflush(stdout))
            return 1;
    }
}

static int events_run(const struct weir_command *self, int argc, char **argv)
{
    const char *dir = WEIR_STATE_DIR_DEFAULT;
    bool json = false, follow = false;
    _cleanup_close_ int fd = -1;
    int option, r;

    while ((option = weir_command_getopt(self, argc, argv)) != -1) {
        if (option == 'j')
            json = true;
        else if (option == 'f')
            follow = true;
        else if (option == 'd')
            dir = optarg;
        else
            return 2;
    }
    if (optind != argc) {
        weir_command_usage(self, stderr);
        return 2;
    }
    r = weir_client_open(dir, 0, &fd);
    if (r == 0)
        r = weir_client_send(fd, json_pack("{s:s,s:b,s:b}", "command", "events", "follow",
                                           (int)follow, "text", (int)!json));
    return r ? r : events_read(fd);
}

const struct weir_command weir_command_events = {
    .name = "events",
    .arguments = "",
    .summary = "the newest findings, live with -f",
    .text = "Prints the newest 1024 findings that the running instance keeps; with --follow it "
            "goes on until interrupted. A reader that is too slow is told how many it missed.",
    .options = events_options,
    .run = events_run,
};
