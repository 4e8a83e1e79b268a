/* SPDX-License-Identifier: Apache-2.0 */

/* The unix socket: few clients, short requests, and nobody who is slow holds anything up. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/frame.h"
#include "daemon/daemon.h"

#define BACKLOG_BYTES (1024 * 1024) /* unsent to a follower: beyond, events are missed */

struct weir_client {
    uv_pipe_t pipe;
    struct weir_daemon *daemon;
    unsigned slot;
    bool follow;
    bool text;
    uint64_t missed;
    size_t len;
    size_t size; /* of in; more than IN_BYTES while a policy comes in */
    char *in;
};

#define IN_BYTES ((size_t)WEIR_FRAME_HEAD + WEIR_REQUEST_MAX)

struct outgoing {
    uv_write_t write;
    struct weir_buf buf;
};

static void on_closed(uv_handle_t *handle)
{
    struct weir_client *c = handle->data;

    free(c->in);
    free(c);
}

static void client_is_small(struct weir_client *c)
{
    if (c->daemon->server.large == c)
        c->daemon->server.large = NULL;
}

static void client_close(struct weir_client *c)
{
    if (uv_is_closing((uv_handle_t *)&c->pipe))
        return;
    if (c->slot < WEIR_CLIENTS_MAX)
        c->daemon->server.client[c->slot] = NULL;
    client_is_small(c);
    uv_close((uv_handle_t *)&c->pipe, on_closed);
}

static void on_written(uv_write_t *write, int status)
{
    struct outgoing *o = write->data;

    (void)status; /* a client that went away shows in its next read */
    weir_buf_free(&o->buf);
    free(o);
}

/* Takes the buffer's memory over. */
static void client_send(struct weir_client *c, struct weir_buf *buf)
{
    struct outgoing *o = calloc(1, sizeof(*o));
    uv_buf_t bytes;

    if (!o || buf->failed) {
        free(o);
        weir_buf_free(buf);
        client_close(c); /* memory ended: no answer is better than half of one */
        return;
    }
    o->buf = *buf;
    *buf = (struct weir_buf){ 0 };
    o->write.data = o;
    bytes = uv_buf_init(o->buf.data, (unsigned)o->buf.len);
    if (uv_write(&o->write, (uv_stream_t *)&c->pipe, &bytes, 1, on_written) < 0) {
        on_written(&o->write, 0);
        client_close(c);
    }
}

static void client_request(struct weir_client *c, const char *body, size_t len)
{
    _cleanup_(weir_request_free) struct weir_request q = { 0 };
    struct weir_buf out = { 0 };
    struct weir_error e = { 0 };
    int r = weir_request_parse(body, len, &q, &e);

    if (r == 0 && len > WEIR_REQUEST_MAX && q.ask != WEIR_ASK_POLICY_APPLY)
        r = weir_error_set(&e, EINVAL, "request: expected at most %d bytes", WEIR_REQUEST_MAX);
    if (r < 0) {
        weir_answer_error(&out, r, &e);
        client_send(c, &out);
        return;
    }
    weir_answer(c->daemon, &q, &out);
    if (q.ask == WEIR_ASK_EVENTS && q.follow) {
        c->follow = true;
        c->text = q.text;
    }
    if (out.len)
        client_send(c, &out);
}

static void client_refuse_length(struct weir_client *c)
{
    struct weir_error e = { 0 };
    struct weir_buf out = { 0 };

    (void)weir_error_set(&e, EINVAL, "request: expected 1 to %d bytes", WEIR_POLICY_MAX);
    weir_answer_error(&out, -EINVAL, &e);
    client_send(c, &out);
    (void)uv_read_stop((uv_stream_t *)&c->pipe);
    client_close(c);
}

static void client_shrink(struct weir_client *c)
{
    if (c->size <= IN_BYTES)
        return;
    free(c->in);
    c->in = NULL;
    c->size = 0;
    client_is_small(c);
}

/* Requests are answered one by one, and none while an answer has not left: a client that does not
 * read gets nothing computed. */
static void client_serve(struct weir_client *c)
{
    const char *body;
    size_t len;
    int n;

    while (!uv_is_closing((uv_handle_t *)&c->pipe) &&
           (n = weir_frame_split(c->in, c->len, WEIR_POLICY_MAX, &body, &len)) != 0) {
        if (n < 0) {
            client_refuse_length(c);
            return;
        }
        if (uv_stream_get_write_queue_size((uv_stream_t *)&c->pipe) > BACKLOG_BYTES) {
            client_close(c);
            return;
        }
        client_request(c, body, len);
        c->len -= (size_t)n;
        memmove(c->in, c->in + n, c->len);
    }
    if (!c->len)
        client_shrink(c);
}

static void client_refuse(struct weir_client *c, int r, const char *why)
{
    struct weir_error e = { 0 };
    struct weir_buf out = { 0 };
    uv_buf_t bytes;

    (void)weir_error_set(&e, -r, "%s", why);
    weir_answer_error(&out, r, &e);
    bytes = uv_buf_init(out.data, (unsigned)out.len);
    (void)uv_try_write((uv_stream_t *)&c->pipe, &bytes, 1);
    weir_buf_free(&out);
    client_close(c);
}

/* Room for more of what comes; a large request takes memory as it arrives, not as it says, and one
 * client alone may send one. */
static bool client_room(struct weir_client *c)
{
    struct weir_server *server = &c->daemon->server;
    size_t size = c->size ? c->size * 2 : IN_BYTES;
    char *more;

    if (c->len < c->size)
        return true;
    if (c->size && server->large && server->large != c) {
        client_refuse(c, -EAGAIN, "another client is sending a policy; try again");
        return false;
    }
    more = realloc(c->in, size);
    if (!more)
        return false;
    if (c->size)
        server->large = c;
    c->in = more;
    c->size = size;
    return true;
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct weir_client *c = handle->data;

    (void)suggested;
    if (client_room(c))
        *buf = uv_buf_init(c->in + c->len, (unsigned)(c->size - c->len));
    else
        *buf = uv_buf_init(NULL, 0); /* on_read() is told ENOBUFS and closes */
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct weir_client *c = stream->data;

    (void)buf;
    if (n < 0) {
        client_close(c);
        return;
    }
    c->len += (size_t)n;
    client_serve(c);
}

/* Root, or the user that this process runs as. */
static bool may_ask(uv_pipe_t *pipe)
{
    struct ucred who;
    socklen_t len = sizeof(who);
    uv_os_fd_t fd;

    if (uv_fileno((uv_handle_t *)pipe, &fd) || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len))
        return false;
    return who.uid == 0 || who.uid == geteuid();
}

static unsigned slot_find(const struct weir_server *s)
{
    unsigned slot = 0;

    while (slot < WEIR_CLIENTS_MAX && s->client[slot])
        slot++;
    return slot;
}

static void on_connection(uv_stream_t *stream, int status)
{
    struct weir_daemon *d = stream->data;
    struct weir_client *c = status < 0 ? NULL : calloc(1, sizeof(*c));

    if (!c)
        return;
    c->daemon = d;
    c->slot = WEIR_CLIENTS_MAX;
    c->pipe.data = c;
    if (uv_pipe_init(&d->loop, &c->pipe, 0)) {
        free(c);
        return;
    }
    if (uv_accept(stream, (uv_stream_t *)&c->pipe)) {
        client_close(c);
        return;
    }
    if (!may_ask(&c->pipe)) {
        client_refuse(c, -EPERM, "not permitted: expected root or the daemon's user");
        return;
    }
    if (slot_find(&d->server) == WEIR_CLIENTS_MAX) {
        client_refuse(c, -EAGAIN, "64 clients are connected already");
        return;
    }
    c->slot = slot_find(&d->server);
    d->server.client[c->slot] = c;
    if (uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read))
        client_close(c);
}

int weir_server_listen(struct weir_daemon *d, const char *state_dir, struct weir_error *e)
{
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
    int n = snprintf(path, sizeof(path), "%s/weir.sock", state_dir), r;
    mode_t mask;

    if (n < 0 || (size_t)n >= sizeof(path))
        return weir_error_set(e, ENAMETOOLONG, "--state-dir %s: expected at most %zu bytes",
                              state_dir, sizeof(path) - sizeof("/weir.sock"));
    (void)unlink(path); /* of a dead instance: the lock says that no other lives */
    r = uv_pipe_init(&d->loop, &d->server.pipe, 0);
    if (r < 0)
        return weir_error_set(e, -r, "%s: %s", path, uv_strerror(r));
    d->server.pipe.data = d;
    d->server.listening = true;
    mask = umask(0177);
    r = uv_pipe_bind(&d->server.pipe, path);
    (void)umask(mask);
    if (r == 0)
        r = uv_listen((uv_stream_t *)&d->server.pipe, WEIR_CLIENTS_MAX, on_connection);
    return r < 0 ? weir_error_set(e, -r, "%s: %s", path, uv_strerror(r)) : 0;
}

static void follower_event(struct weir_client *c, const struct weir_event *ev)
{
    struct weir_buf out = { 0 };

    if (uv_stream_get_write_queue_size((uv_stream_t *)&c->pipe) > BACKLOG_BYTES) {
        c->missed++;
        return;
    }
    if (c->missed)
        weir_answer_missed(c->missed, &out);
    c->missed = 0;
    weir_answer_event(c->daemon, ev, c->text, &out);
    if (out.len)
        client_send(c, &out);
}

void weir_server_event(struct weir_daemon *d, const struct weir_event *ev)
{
    for (unsigned i = 0; i < WEIR_CLIENTS_MAX; i++)
        if (d->server.client[i] && d->server.client[i]->follow)
            follower_event(d->server.client[i], ev);
}

void weir_server_close(struct weir_daemon *d)
{
    for (unsigned i = 0; i < WEIR_CLIENTS_MAX; i++)
        if (d->server.client[i])
            client_close(d->server.client[i]);
    if (d->server.listening)
        uv_close((uv_handle_t *)&d->server.pipe, NULL);
    d->server.listening = false;
}
