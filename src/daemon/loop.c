/* SPDX-License-Identifier: Apache-2.0 */

/* One thread: the ring, a clock, signals, and the socket. */

#include <errno.h>
#include <signal.h>

#include "daemon/daemon.h"

#define READ_MS 100 /* longest that an event of low severity waits */
#define TICKS_PER_SECOND 10

void weir_daemon_stop(struct weir_daemon *d)
{
    uv_stop(&d->loop);
}

static void flush(struct weir_daemon *d)
{
    weir_output_flush(&d->output);
    weir_engine_lost_lines(d->engine, weir_output_lost(&d->output));
}

static void ring_read(struct weir_daemon *d)
{
    if (weir_engine_read(d->engine) != 0)
        flush(d);
}

static void on_ring(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    ring_read(poll->data);
}

static void on_timer(uv_timer_t *timer)
{
    struct weir_daemon *d = timer->data;
    struct weir_error e = { 0 };

    ring_read(d);
    weir_engine_sweep(d->engine);
    if (++d->ticks % TICKS_PER_SECOND)
        return;
    if (weir_engine_tick(d->engine, &e) < 0)
        (void)fprintf(stderr, "weir: %s\n", e.text);
    weir_buf_clear(&d->output.line);
    if (weir_engine_remark(d->engine, &d->output.line))
        weir_remarks_print(d->output.line.data, d->output.line.len);
    flush(d);
}

static void on_signal(uv_signal_t *signal, int number)
{
    struct weir_daemon *d = signal->data;

    if (number == SIGHUP)
        weir_output_reopen(&d->output);
    else
        weir_daemon_stop(d);
}

static int start(struct weir_daemon *d)
{
    static const int number[] = { SIGINT, SIGTERM, SIGHUP };
    int r = uv_poll_init(&d->loop, &d->ring, weir_engine_fd(d->engine));

    if (r < 0)
        return r;
    d->ring.data = d;
    r = uv_poll_start(&d->ring, UV_READABLE, on_ring);
    if (r == 0)
        r = uv_timer_init(&d->loop, &d->timer);
    d->timer.data = d;
    if (r == 0)
        r = uv_timer_start(&d->timer, on_timer, READ_MS, READ_MS);
    for (unsigned i = 0; r == 0 && i < 3; i++) {
        r = uv_signal_init(&d->loop, &d->signal[i]);
        d->signal[i].data = d;
        if (r == 0)
            r = uv_signal_start(&d->signal[i], on_signal, number[i]);
    }
    return r;
}

static void handle_close(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

int weir_daemon_loop(struct weir_daemon *d)
{
    struct weir_error e = { 0 };
    int r = start(d);

    if (r < 0)
        (void)fprintf(stderr, "weir: event loop: %s\n", uv_strerror(r));
    else
        (void)uv_run(&d->loop, UV_RUN_DEFAULT);
    /* What stopped the loop may owe a client its answer: one turn more writes it. */
    if (r == 0)
        (void)uv_run(&d->loop, UV_RUN_NOWAIT);
    if (r == 0 && weir_engine_finish(d->engine, &e) < 0)
        (void)fprintf(stderr, "weir: %s\n", e.text);
    weir_server_close(d);
    uv_walk(&d->loop, handle_close, NULL);
    (void)uv_run(&d->loop, UV_RUN_DEFAULT);
    return r < 0;
}
