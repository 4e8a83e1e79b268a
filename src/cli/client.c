/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/client.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "base/cleanup.h"
#include "cli/frame.h"

void weir_json_freep(json_t **j)
{
    json_decref(*j);
}

void weir_client_patience(int fd, int seconds)
{
    const struct timeval t = { .tv_sec = seconds };

    /* A refusal only means that the wait has no end. */
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t));
}

static int connect_failed(const char *path, int quiet)
{
    if (errno == EACCES || errno == EPERM) {
        (void)fprintf(stderr, "weir: %s: %s; expected root or the daemon's user\n", path,
                      strerror(errno));
        return 4;
    }
    if (!quiet)
        (void)fprintf(stderr, "weir: %s: no daemon answers (%s); `weir run` starts one\n", path,
                      strerror(errno));
    return WEIR_CLIENT_DOWN;
}

int weir_client_open(const char *state_dir, int quiet, int *ret_fd)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int n = snprintf(at.sun_path, sizeof(at.sun_path), "%s/weir.sock", state_dir);

    if (n < 0 || (size_t)n >= sizeof(at.sun_path)) {
        (void)fprintf(stderr, "weir: --state-dir %s: expected at most %zu bytes\n", state_dir,
                      sizeof(at.sun_path) - sizeof("/weir.sock"));
        return 2;
    }
    if (fd < 0 || connect(fd, (const struct sockaddr *)&at, sizeof(at)))
        return connect_failed(at.sun_path, quiet);
    *ret_fd = TAKE_FD(fd);
    return 0;
}

static int lost(int r)
{
    const char *why = r == -EAGAIN ? "no answer in time" : strerror(-r);

    if (r == -ECONNRESET)
        why = "closed by the daemon";
    (void)fprintf(stderr, "weir: connection to the daemon: %s\n", why);
    return WEIR_CLIENT_DOWN;
}

static int write_all(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

int weir_client_send(int fd, json_t *request)
{
    _cleanup_free_ char *text = json_dumps(request, JSON_COMPACT);
    _cleanup_(weir_buf_free) struct weir_buf frame = { 0 };
    size_t begin = weir_frame_begin(&frame);
    int r;

    json_decref(request);
    if (text)
        weir_buf_add_str(&frame, text);
    weir_frame_end(&frame, begin);
    if (!text || frame.failed)
        return lost(-ENOMEM);
    r = write_all(fd, frame.data, frame.len);
    /* Closed at the other end: why may stand in what it sent before. */
    return r < 0 && r != -EPIPE ? lost(r) : 0;
}

/* 0, or -errno; -ECONNRESET at the end. */
static int read_all(int fd, char *data, size_t len)
{
    while (len) {
        ssize_t n = read(fd, data, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n ? -errno : -ECONNRESET;
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

static int reply_check(json_t *reply)
{
    const char *error = json_string_value(json_object_get(reply, "error"));
    json_int_t code = json_integer_value(json_object_get(reply, "code"));

    if (json_is_true(json_object_get(reply, "ok")))
        return 0;
    (void)fprintf(stderr, "weir: %s\n", error ? error : "the daemon refuses without a reason");
    return code > 0 && code < 126 ? (int)code : 1;
}

int weir_client_receive(int fd, json_t **ret)
{
    _cleanup_(weir_json_freep) json_t *reply = NULL;
    _cleanup_free_ char *body = NULL;
    uint8_t head[WEIR_FRAME_HEAD];
    size_t len;
    int r = read_all(fd, (char *)head, sizeof(head));

    if (r < 0)
        return lost(r);
    len = (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
    if (!len || len > WEIR_REPLY_MAX)
        return lost(-EMSGSIZE);
    body = malloc(len);
    r = body ? read_all(fd, body, len) : -ENOMEM;
    if (r < 0)
        return lost(r);
    reply = json_loadb(body, len, 0, NULL);
    if (!json_is_object(reply))
        return lost(-EPROTO);
    r = reply_check(reply);
    if (r == 0)
        *ret = TAKE_PTR(reply);
    return r;
}

int weir_client_ask(const char *state_dir, json_t *request, json_t **ret)
{
    _cleanup_(weir_json_freep) json_t *reply = NULL;
    _cleanup_close_ int fd = -1;
    int r = weir_client_open(state_dir, 0, &fd);

    if (r) {
        json_decref(request);
        return r;
    }
    weir_client_patience(fd, WEIR_CLIENT_SECONDS);
    r = weir_client_send(fd, request);
    if (r == 0)
        r = weir_client_receive(fd, &reply);
    if (r == 0 && ret)
        *ret = TAKE_PTR(reply);
    return r;
}

int weir_client_report(const struct weir_command *self, int argc, char **argv,
                       void (*print)(json_t *reply))
{
    _cleanup_(weir_json_freep) json_t *reply = NULL;
    const char *dir = WEIR_STATE_DIR_DEFAULT;
    bool json = false;
    int option, r;

    while ((option = weir_command_getopt(self, argc, argv)) != -1) {
        if (option == 'j')
            json = true;
        else if (option == 'd')
            dir = optarg;
        else
            return 2;
    }
    if (optind != argc) {
        weir_command_usage(self, stderr);
        return 2;
    }
    r = weir_client_ask(dir, json_pack("{s:s}", "command", self->name), &reply);
    if (r)
        return r;
    if (json)
        (void)json_dumpf(reply, stdout, JSON_COMPACT), (void)putchar('\n');
    else
        print(reply);
    return 0;
}
