/* SPDX-License-Identifier: Apache-2.0 */

/* Requests over new connections. Server (-l): accept, echo, close. Client: open connections at a
 * fixed rate, or as fast as a limit of open ones allows, send 64 bytes, expect 64 back, reset. A
 * request counts as served only when the echo came back in time. */

#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MESSAGE 64
#define FD_MAX 65536
#define SERVED_MAX 4000000
#define BACKLOG 4096

struct conn {
    double start;
    double connected;
    int prev;
    int next;
    int live;
    ssize_t got;
};

struct plan {
    struct sockaddr_in server;
    struct sockaddr_in from; /* first client address; none: the kernel chooses */
    unsigned sources;
    unsigned first_port;
    double rate; /* a second; 0: as fast as at_once allows */
    int at_once;
    double seconds;
    double timeout;
};

static struct conn conn[FD_MAX];
static int head = -1, tail = -1, active, ep; /* list of live connections, oldest first */
static float *until_connected, *until_done;
static unsigned long tried, ok, timeouts, errors;
static char buf[4096];

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void watch(int fd, uint32_t events, int op)
{
    struct epoll_event e = { .events = events, .data.fd = fd };

    (void)epoll_ctl(ep, op, fd, &e);
}

static void forget(int fd)
{
    struct conn *c = &conn[fd];

    *(c->prev < 0 ? &head : &conn[c->prev].next) = c->next;
    *(c->next < 0 ? &tail : &conn[c->next].prev) = c->prev;
    c->live = 0;
    active--;
    close(fd); /* linger 0: sends a reset, leaves no TIME_WAIT */
}

static void remember(int fd)
{
    conn[fd] = (struct conn){ .start = now(), .prev = tail, .next = -1, .live = 1 };
    *(tail < 0 ? &head : &conn[tail].next) = fd;
    tail = fd;
    active++;
}

static void fail(int fd)
{
    errors++;
    if (fd >= 0)
        close(fd);
}

static void open_one(const struct plan *p)
{
    const struct linger reset = { 1, 0 };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in me = p->from;

    /* No 4-tuple twice in a run: conntrack remembers closed ones for seconds. */
    me.sin_addr.s_addr = htonl(ntohl(p->from.sin_addr.s_addr) + (uint32_t)(tried % p->sources));
    me.sin_port = htons((uint16_t)(p->first_port + tried / p->sources % 30000));
    tried++;
    if (fd < 0 || fd >= FD_MAX) {
        fail(fd);
        return;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    if (p->from.sin_addr.s_addr && bind(fd, (const struct sockaddr *)&me, sizeof(me))) {
        fail(fd);
        return;
    }
    remember(fd);
    if (connect(fd, (const struct sockaddr *)&p->server, sizeof(p->server)) &&
        errno != EINPROGRESS) {
        errors++;
        forget(fd);
        return;
    }
    watch(fd, EPOLLOUT, EPOLL_CTL_ADD);
}

static void send_request(int fd)
{
    int error = 0;
    socklen_t n = sizeof(error);

    (void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n);
    if (error || send(fd, buf, MESSAGE, MSG_NOSIGNAL) != MESSAGE) {
        errors++;
        forget(fd);
        return;
    }
    conn[fd].connected = now();
    watch(fd, EPOLLIN, EPOLL_CTL_MOD);
}

static void client_event(int fd)
{
    struct conn *c = &conn[fd];
    ssize_t n;

    if (!c->live)
        return;
    if (!c->connected) {
        send_request(fd);
        return;
    }
    n = recv(fd, buf, sizeof(buf), 0);
    if (n > 0 && (c->got += n) < MESSAGE)
        return;
    if (n <= 0) {
        errors++;
    } else if (ok < SERVED_MAX) {
        until_connected[ok] = (float)(c->connected - c->start);
        until_done[ok] = (float)(now() - c->start);
        ok++;
    }
    forget(fd);
}

static int by_value(const void *a, const void *b)
{
    float d = *(const float *)a - *(const float *)b;

    return (d > 0) - (d < 0);
}

static double percentile_ms(const float *v, double q)
{
    return ok ? 1000.0 * (double)v[(unsigned long)(q * (double)(ok - 1))] : -1;
}

/* tried, ok, ok in %, served a second, connect p50 p99, whole exchange p50 p99 in ms, timeouts,
 * errors */
static void print_result(const struct plan *p)
{
    qsort(until_connected, ok, sizeof(float), by_value);
    qsort(until_done, ok, sizeof(float), by_value);
    printf("%lu,%lu,%.3f,%.0f,%.4f,%.4f,%.4f,%.4f,%lu,%lu\n", tried, ok,
           tried ? 100.0 * (double)ok / (double)tried : 0, (double)ok / p->seconds,
           percentile_ms(until_connected, .5), percentile_ms(until_connected, .99),
           percentile_ms(until_done, .5), percentile_ms(until_done, .99), timeouts, errors);
}

static int client(const struct plan *p)
{
    struct epoll_event ev[256];
    double start = now(), end = start + p->seconds, t;

    until_connected = malloc(SERVED_MAX * sizeof(float));
    until_done = malloc(SERVED_MAX * sizeof(float));
    if (!until_connected || !until_done)
        return 1;
    while ((t = now()) < end + p->timeout && (t < end || active)) {
        int n;

        while (t < end && active < p->at_once &&
               (p->rate == 0 || (double)tried < (t - start) * p->rate))
            open_one(p);
        while (head >= 0 && t - conn[head].start > p->timeout) {
            timeouts++;
            forget(head);
        }
        n = epoll_wait(ep, ev, 256, 1);
        for (int i = 0; i < n; i++)
            client_event(ev[i].data.fd);
    }
    timeouts += (unsigned long)active;
    print_result(p);
    return 0;
}

static void accept_all(int s)
{
    int fd;

    while ((fd = accept4(s, NULL, NULL, SOCK_NONBLOCK)) >= 0)
        watch(fd, EPOLLIN, EPOLL_CTL_ADD);
}

static void echo(int fd)
{
    ssize_t n = recv(fd, buf, sizeof(buf), 0);

    if (n <= 0 || send(fd, buf, (size_t)n, MSG_NOSIGNAL) != n)
        close(fd);
}

static int server(const struct plan *p)
{
    int one = 1, s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct epoll_event ev[256];

    (void)setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(s, (const struct sockaddr *)&p->server, sizeof(p->server)) || listen(s, BACKLOG)) {
        perror("listen");
        return 1;
    }
    watch(s, EPOLLIN, EPOLL_CTL_ADD);
    for (;;) {
        int n = epoll_wait(ep, ev, 256, -1);

        for (int i = 0; i < n; i++) {
            if (ev[i].data.fd == s)
                accept_all(s);
            else
                echo(ev[i].data.fd);
        }
    }
}

static int usage(void)
{
    fprintf(stderr, "usage: connect [-l] [-d address] [-p port] [-c processor]\n"
                    "  [-r requests a second, 0 = as -n allows] [-n at once] [-t seconds]\n"
                    "  [-T timeout] [-S first source address] [-N how many] [-P first port]\n");
    return 2;
}

static void pin(int cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    (void)sched_setaffinity(0, sizeof(set), &set);
}

int main(int argc, char **argv)
{
    struct plan p = { .server = { .sin_family = AF_INET, .sin_port = htons(80) },
                      .sources = 64,
                      .first_port = 5000,
                      .rate = 500,
                      .at_once = 4096,
                      .seconds = 5,
                      .timeout = 3 };
    const struct rlimit files = { FD_MAX, FD_MAX };
    int c, listener = 0;

    p.server.sin_addr.s_addr = inet_addr("10.77.0.2");
    while ((c = getopt(argc, argv, "ld:p:r:n:t:T:c:S:N:P:")) != -1) {
        switch (c) {
        case 'l':
            listener = 1;
            break;
        case 'd':
            p.server.sin_addr.s_addr = inet_addr(optarg);
            break;
        case 'p':
            p.server.sin_port = htons((uint16_t)atoi(optarg));
            break;
        case 'r':
            p.rate = atof(optarg);
            break;
        case 'n':
            p.at_once = atoi(optarg);
            break;
        case 't':
            p.seconds = atof(optarg);
            break;
        case 'T':
            p.timeout = atof(optarg);
            break;
        case 'S':
            p.from.sin_family = AF_INET;
            p.from.sin_addr.s_addr = inet_addr(optarg);
            break;
        case 'N':
            p.sources = (unsigned)atoi(optarg);
            break;
        case 'P':
            p.first_port = (unsigned)atoi(optarg);
            break;
        case 'c':
            pin(atoi(optarg));
            break;
        default:
            return usage();
        }
    }
    if (!p.sources)
        return usage();
    (void)setrlimit(RLIMIT_NOFILE, &files);
    (void)signal(SIGPIPE, SIG_IGN);
    ep = epoll_create1(0);
    return listener ? server(&p) : client(&p);
}
