/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The parts of one running instance; all live on one event loop. */

#include <stdio.h>
#include <uv.h>

#include "base/sink.h"
#include "daemon/request.h"
#include "engine/engine.h"

#define WEIR_CLIENTS_MAX 64
#define WEIR_HISTORY 1024 /* newest findings, for `weir events` */

struct weir_client;

struct weir_server {
    uv_pipe_t pipe;
    bool listening;
    struct weir_client *client[WEIR_CLIENTS_MAX]; /* NULL: free */
    struct weir_client *large;                    /* that sends more than WEIR_REQUEST_MAX */
};

struct weir_output {
    const char *eve_path; /* NULL: none */
    struct weir_sink eve;
    struct weir_sink terminal; /* standard output, for findings as text */
    bool text;
    bool eve_failed;
    struct weir_buf line;       /* scratch */
    struct weir_event *history; /* ring of WEIR_HISTORY */
    uint64_t events;            /* ever */
};

struct weir_daemon {
    uv_loop_t loop;
    uv_poll_t ring;
    uv_timer_t timer;
    uv_signal_t signal[3];
    unsigned ticks;
    struct weir_engine *engine;
    struct weir_output output;
    struct weir_server server;
};

/* loop.c: runs until a signal or a client says stop. Returns an exit status. */
int weir_daemon_loop(struct weir_daemon *d);
void weir_daemon_stop(struct weir_daemon *d);

/* output.c */
int weir_output_open(struct weir_output *o, struct weir_error *e);
/* Again, under the same name: what was there has been moved away. */
void weir_output_reopen(struct weir_output *o);
void weir_output_event(struct weir_daemon *d, const struct weir_event *ev);
/* A dropped packet: for the file alone, it must not push findings out of the history. */
void weir_output_drop(struct weir_daemon *d, const struct weir_event *ev);
/* A connection that ended: the same. arg: struct weir_daemon. */
void weir_output_flow(const struct weir_flow_event *ev, void *arg);
/* What a TLS client says: the file and the terminal. arg: struct weir_daemon. */
void weir_output_tls(const struct weir_tls_event *ev, void *arg);
/* A scan opens, grows, or is over. arg: struct weir_daemon. */
void weir_output_scan(const struct weir_scan_incident *scan, void *arg);
void weir_output_flush(struct weir_output *o);
/* Lines that nobody took in time, or could not be written. */
uint64_t weir_output_lost(const struct weir_output *o);
void weir_output_close(struct weir_output *o);

/* server.c */
int weir_server_listen(struct weir_daemon *d, const char *state_dir, struct weir_error *e);
void weir_server_event(struct weir_daemon *d, const struct weir_event *ev);
void weir_server_close(struct weir_daemon *d);

/* answer.c: one frame (for events: several) that answers a request. */
void weir_answer(struct weir_daemon *d, const struct weir_request *q, struct weir_buf *out);
void weir_answer_error(struct weir_buf *out, int r, const struct weir_error *e);
void weir_answer_event(struct weir_daemon *d, const struct weir_event *ev, bool text,
                       struct weir_buf *out);
void weir_answer_missed(uint64_t n, struct weir_buf *out);
/* Exit status for a client (cli/command.h). */
int weir_exit_status(int r);

/* policy.c: read and check a policy file; what is wrong goes to standard error. Returns an exit
 * status; *ret is owned. */
int weir_policy_read(const char *path, struct weir_settings **ret);
/* What the engine wants the operator to know: lines, each by itself on standard error. */
void weir_remarks_print(const char *text, size_t len);

/* lock.c: one instance a state directory. -EBUSY: another one runs. */
int weir_state_lock(const char *state_dir, int *ret_fd, struct weir_error *e);
