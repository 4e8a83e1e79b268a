/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sink.h"

/* An open file description of our own: O_NONBLOCK is of the description, and standard output is
 * often one with the shell's (open(2)). A socket, as systemd's journal gives one, cannot be opened
 * again, and need not be: send(2) has a flag for it. */
static int stdout_again(bool *ret_socket)
{
    struct stat st;
    int own;

    if (fstat(STDOUT_FILENO, &st) < 0)
        return -errno;
    *ret_socket = S_ISSOCK(st.st_mode);
    if (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode))
        return STDOUT_FILENO;
    own = open("/proc/self/fd/1", O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    return own < 0 ? STDOUT_FILENO : own;
}

int weir_sink_open(struct weir_sink *s, const char *path)
{
    int fd;

    if (!path) {
        fd = stdout_again(&s->socket);
    } else {
        fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
        if (fd < 0)
            fd = -errno;
    }
    if (fd < 0)
        return fd;
    s->fd = fd;
    s->own = fd != STDOUT_FILENO;
    return 0;
}

static void queue_drop(struct weir_sink *s)
{
    s->lost += s->queued;
    s->queued = 0;
    weir_buf_clear(&s->queue);
}

static void queue_taken(struct weir_sink *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        s->queued -= s->queue.data[i] == '\n';
    s->torn = s->queue.data[n - 1] != '\n';
    s->queue.len -= n;
    memmove(s->queue.data, s->queue.data + n, s->queue.len);
}

int weir_sink_flush(struct weir_sink *s)
{
    while (s->queue.len) {
        ssize_t n = s->socket ? send(s->fd, s->queue.data, s->queue.len, MSG_DONTWAIT)
                              : write(s->fd, s->queue.data, s->queue.len);

        if (n > 0) {
            queue_taken(s, (size_t)n);
        } else if (n < 0 && errno == EAGAIN) {
            return 0;
        } else if (n == 0 || errno != EINTR) {
            int r = n < 0 ? -errno : -EIO;

            queue_drop(s);
            return r;
        }
    }
    return 0;
}

int weir_sink_put(struct weir_sink *s, const char *line, size_t len)
{
    int r = s->queue.len >= WEIR_SINK_BATCH ? weir_sink_flush(s) : 0;

    if (len > WEIR_SINK_QUEUE - s->queue.len) {
        s->lost++;
        return r;
    }
    if (!s->queue.len && s->torn) {
        weir_buf_add_char(&s->queue, '\n');
        s->queued++;
    }
    weir_buf_add(&s->queue, line, len);
    s->queued++;
    if (s->queue.failed)
        queue_drop(s);
    return r;
}

int weir_sink_close(struct weir_sink *s)
{
    struct pollfd ready = { .fd = s->fd, .events = POLLOUT };
    int r = weir_sink_flush(s);

    while (r == 0 && s->queue.len && poll(&ready, 1, WEIR_SINK_CLOSE_MS) > 0)
        r = weir_sink_flush(s);
    queue_drop(s);
    if (s->own && close(s->fd) < 0 && r == 0)
        r = -errno;
    s->fd = -1;
    weir_buf_free(&s->queue);
    return r;
}
