/* SPDX-License-Identifier: Apache-2.0 */

/* Where findings go: a file, the terminal, and those who ask later. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/daemon.h"

/* Of --eve: "-" is standard output. */
static bool eve_is_stdout(const struct weir_output *o)
{
    return !strcmp(o->eve_path, "-");
}

static int eve_open(const struct weir_output *o, struct weir_sink *ret)
{
    return weir_sink_open(ret, eve_is_stdout(o) ? NULL : o->eve_path);
}

int weir_output_open(struct weir_output *o, struct weir_error *e)
{
    int r;

    o->history = calloc(WEIR_HISTORY, sizeof(*o->history));
    if (!o->history)
        return weir_error_set(e, ENOMEM, "no memory");
    r = o->text ? weir_sink_open(&o->terminal, NULL) : 0;
    if (r < 0)
        return weir_error_set(e, -r, "standard output: %s", strerror(-r));
    r = o->eve_path ? eve_open(o, &o->eve) : 0;
    if (r < 0)
        return weir_error_set(e, -r, "--eve %s: %s", o->eve_path,
                              r == -ENXIO ? "a pipe that nobody reads yet" : strerror(-r));
    return 0;
}

/* Once, until it works again. */
static void eve_error(struct weir_output *o, int r)
{
    if (r < 0 && !o->eve_failed)
        (void)fprintf(stderr, "weir: --eve %s: %s; events are lost\n", o->eve_path, strerror(-r));
    o->eve_failed |= r < 0;
}

void weir_output_reopen(struct weir_output *o)
{
    struct weir_sink next = { 0 };
    int r;

    if (!o->eve_path || eve_is_stdout(o))
        return;
    r = eve_open(o, &next);
    if (r < 0) {
        eve_error(o, r); /* the old one goes on */
        return;
    }
    (void)weir_sink_close(&o->eve);
    next.lost = o->eve.lost;
    o->eve = next;
    o->eve_failed = false;
}

static void eve_put(struct weir_output *o)
{
    if (o->line.failed)
        o->eve.lost++;
    else
        eve_error(o, weir_sink_put(&o->eve, o->line.data, o->line.len));
}

static void text_put(struct weir_output *o)
{
    if (o->line.failed)
        o->terminal.lost++;
    else
        (void)weir_sink_put(&o->terminal, o->line.data, o->line.len); /* it may be gone */
}

static void eve_write(struct weir_daemon *d, const struct weir_event *ev)
{
    struct weir_output *o = &d->output;

    if (!o->eve_path)
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

    if (o->eve_path) {
        weir_buf_clear(&o->line);
        weir_engine_scan_write(d->engine, scan, &o->line);
        eve_put(o);
    }
    if (!o->text || scan->state == WEIR_SCAN_GOES_ON)
        return;
    weir_buf_clear(&o->line);
    weir_engine_scan_text(d->engine, scan, &o->line);
    text_put(o);
}

void weir_output_tls(const struct weir_tls_event *ev, void *arg)
{
    struct weir_daemon *d = arg;
    struct weir_output *o = &d->output;

    if (o->eve_path) {
        weir_buf_clear(&o->line);
        weir_engine_tls_write(d->engine, ev, &o->line);
        eve_put(o);
    }
    if (!o->text)
        return;
    weir_buf_clear(&o->line);
    weir_engine_tls_text(d->engine, ev, &o->line);
    text_put(o);
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
        text_put(o);
    }
}

void weir_output_flush(struct weir_output *o)
{
    int r = o->eve_path ? weir_sink_flush(&o->eve) : 0;

    eve_error(o, r);
    if (r == 0 && !o->eve.queue.len)
        o->eve_failed = false;
    if (o->text)
        (void)weir_sink_flush(&o->terminal);
}

uint64_t weir_output_lost(const struct weir_output *o)
{
    return o->eve.lost + o->terminal.lost;
}

void weir_output_close(struct weir_output *o)
{
    if (o->eve_path)
        eve_error(o, weir_sink_close(&o->eve));
    if (o->text)
        (void)weir_sink_close(&o->terminal);
    weir_buf_free(&o->line);
    free(o->history);
}
