/* SPDX-License-Identifier: Apache-2.0 */

/* Where findings go: a file, the terminal, and those who ask later. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/daemon.h"

int weir_output_open(struct weir_output *o, struct weir_error *e)
{
    o->history = calloc(WEIR_HISTORY, sizeof(*o->history));
    if (!o->history)
        return weir_error_set(e, ENOMEM, "no memory");
    if (!o->eve_path)
        return 0;
    o->eve = strcmp(o->eve_path, "-") ? fopen(o->eve_path, "ae") : stdout;
    if (!o->eve)
        return weir_error_set(e, errno, "--eve %s: %s", o->eve_path, strerror(errno));
    return 0;
}

static void eve_error(struct weir_output *o)
{
    if (!o->eve_failed) /* once, until it works again */
        (void)fprintf(stderr, "weir: --eve %s: %s; events are lost\n", o->eve_path,
                      strerror(errno));
    o->eve_failed = true;
}

void weir_output_reopen(struct weir_output *o)
{
    FILE *f;

    if (!o->eve || o->eve == stdout)
        return;
    f = fopen(o->eve_path, "ae");
    if (!f) {
        eve_error(o); /* the old one goes on */
        return;
    }
    (void)fclose(o->eve);
    o->eve = f;
    o->eve_failed = false;
}

static void eve_put(struct weir_output *o)
{
    if (o->line.failed || fwrite(o->line.data, 1, o->line.len, o->eve) != o->line.len)
        eve_error(o);
}

static void eve_write(struct weir_daemon *d, const struct weir_event *ev)
{
    struct weir_output *o = &d->output;

    if (!o->eve)
        return;
    weir_buf_clear(&o->line);
    weir_engine_eve_write(d->engine, ev, &o->line);
    eve_put(o);
}

void weir_output_flow(const struct weir_flow_event *ev, void *arg)
{
    struct weir_daemon *d = arg;

    weir_buf_clear(&d->output.line);
    weir_engine_flow_write(d->engine, ev, &d->output.line);
    eve_put(&d->output);
}

void weir_output_scan(const struct weir_scan_incident *scan, void *arg)
{
    struct weir_daemon *d = arg;
    struct weir_output *o = &d->output;

    if (o->eve) {
        weir_buf_clear(&o->line);
        weir_engine_scan_write(d->engine, scan, &o->line);
        eve_put(o);
    }
    if (!o->text || scan->state == WEIR_SCAN_GOES_ON)
        return;
    weir_buf_clear(&o->line);
    weir_engine_scan_text(d->engine, scan, &o->line);
    if (!o->line.failed)
        (void)fwrite(o->line.data, 1, o->line.len, stdout); /* the terminal may be gone */
}

void weir_output_drop(struct weir_daemon *d, const struct weir_event *ev)
{
    eve_write(d, ev);
}

void weir_output_event(struct weir_daemon *d, const struct weir_event *ev)
{
    struct weir_output *o = &d->output;

    o->history[o->events++ % WEIR_HISTORY] = *ev;
    eve_write(d, ev);
    if (o->text) {
        weir_buf_clear(&o->line);
        weir_engine_text_write(d->engine, ev, &o->line);
        if (!o->line.failed)
            (void)fwrite(o->line.data, 1, o->line.len, stdout); /* the terminal may be gone */
    }
}

void weir_output_flush(struct weir_output *o)
{
    if (o->eve && fflush(o->eve))
        eve_error(o);
    else
        o->eve_failed = false;
    if (o->text)
        (void)fflush(stdout);
}

void weir_output_close(struct weir_output *o)
{
    weir_output_flush(o);
    if (o->eve && o->eve != stdout)
        (void)fclose(o->eve);
    weir_buf_free(&o->line);
    free(o->history);
}
