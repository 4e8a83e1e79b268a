/* SPDX-License-Identifier: Apache-2.0 */

/* A bad network between two interfaces: every frame that comes in on one leaves on the other,
 * later, in another order, twice or never. Compiled and driven by forwarder.py.
 *
 *     forwarder A B        prints "ready"; then each line on standard input sets
 *                          delay=US jitter=US drop=PERMILLE twice=PERMILLE late=PERMILLE hold=US
 *                          and is answered by one line of counters; end of input ends it
 *
 * Settings hold for each direction. delay is one way; with jitter, frames of a direction still
 * leave in their order. A late frame waits `hold` longer, so that those behind it overtake it. */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FRAME_BYTES 9216 /* MTU 9000 and its headers */
#define FRAMES 8192      /* in flight, both directions: a tenth of a second at 900 Mbit/s */
#define BATCH 64         /* frames of one interface before the other has its turn */

enum {
    DELAY,
    JITTER,
    DROP,
    TWICE,
    LATE,
    HOLD,
    SETTINGS
};
static const char *const setting_names[] = { "delay", "jitter", "drop", "twice", "late", "hold" };
static uint64_t setting[SETTINGS] = { [HOLD] = 3000 };

enum {
    PASSED,
    DROPPED,
    DOUBLED,
    DELAYED,
    OVERFLOWN,
    OVERSIZE,
    UNSENT,
    COUNTERS
};
static const char *const counter_names[] = { "passed",   "dropped",  "twice", "late",
                                             "overflow", "oversize", "unsent" };
static uint64_t counter[COUNTERS];

struct frame {
    uint32_t bytes;
    int to;
    uint8_t b[FRAME_BYTES];
};

/* Heap by time, then by arrival. */
struct due {
    uint64_t ns, order;
    uint32_t frame;
};

static struct frame frames[FRAMES];
static uint32_t unused[FRAMES], unused_n;
static struct due heap[FRAMES];
static uint32_t heap_n;
static uint64_t last_ns[2], order;
static uint32_t dice = 1;

static uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* xorshift32 (Marsaglia): the same losses in every run. */
static uint32_t roll(uint32_t below)
{
    dice ^= dice << 13;
    dice ^= dice >> 17;
    dice ^= dice << 5;
    return dice % below;
}

static bool sooner(const struct due *a, const struct due *b)
{
    return a->ns < b->ns || (a->ns == b->ns && a->order < b->order);
}

static void push(struct due d)
{
    uint32_t i = heap_n++;

    for (; i && sooner(&d, &heap[(i - 1) / 2]); i = (i - 1) / 2)
        heap[i] = heap[(i - 1) / 2];
    heap[i] = d;
}

static struct due pop(void)
{
    struct due top = heap[0], d = heap[--heap_n];
    uint32_t i = 0;

    for (uint32_t kid = 1; kid < heap_n; kid = 2 * i + 1) {
        if (kid + 1 < heap_n && sooner(&heap[kid + 1], &heap[kid]))
            kid++;
        if (!sooner(&heap[kid], &d))
            break;
        heap[i] = heap[kid];
        i = kid;
    }
    heap[i] = d;
    return top;
}

static void enqueue(const uint8_t *b, uint32_t bytes, int to, uint64_t ns)
{
    uint32_t n;

    if (!unused_n) {
        counter[OVERFLOWN]++;
        return;
    }
    n = unused[--unused_n];
    memcpy(frames[n].b, b, bytes);
    frames[n].bytes = bytes;
    frames[n].to = to;
    push((struct due){ .ns = ns, .order = order++, .frame = n });
}

static void take(const uint8_t *b, uint32_t bytes, int to, uint64_t now)
{
    uint64_t ns = now + setting[DELAY] * 1000;

    if (roll(1000) < setting[DROP]) {
        counter[DROPPED]++;
        return;
    }
    if (setting[JITTER])
        ns += roll((uint32_t)setting[JITTER] + 1) * 1000ULL;
    if (ns < last_ns[to])
        ns = last_ns[to];
    if (roll(1000) < setting[LATE]) {
        counter[DELAYED]++;
        ns += setting[HOLD] * 1000;
    } else {
        last_ns[to] = ns;
    }
    enqueue(b, bytes, to, ns);
    if (roll(1000) < setting[TWICE]) {
        counter[DOUBLED]++;
        enqueue(b, bytes, to, ns);
    }
}

static void receive(const int fd[2], int from)
{
    static uint8_t b[FRAME_BYTES];
    uint64_t now = now_ns();

    for (int i = 0; i < BATCH; i++) {
        ssize_t n = recv(fd[from], b, sizeof(b), MSG_DONTWAIT | MSG_TRUNC);

        if (n <= 0)
            return;
        if ((size_t)n > sizeof(b))
            counter[OVERSIZE]++;
        else
            take(b, (uint32_t)n, !from, now);
    }
}

static void deliver(const int fd[2])
{
    for (uint64_t now = now_ns(); heap_n && heap[0].ns <= now;) {
        struct due d = pop();
        struct frame *f = &frames[d.frame];

        counter[send(fd[f->to], f->b, f->bytes, 0) == (ssize_t)f->bytes ? PASSED : UNSENT]++;
        unused[unused_n++] = d.frame;
    }
}

static int packet_socket(const char *name)
{
    struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
    int fd = socket(AF_PACKET, SOCK_RAW, 0), one = 1, room = 16 << 20;

    to.sll_ifindex = (int)if_nametoindex(name);
    if (fd < 0 || !to.sll_ifindex ||
        setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) ||
        setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
        setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) ||
        bind(fd, (struct sockaddr *)&to, sizeof(to))) {
        (void)fprintf(stderr, "forwarder: %s: %s\n", name, strerror(errno));
        exit(2);
    }
    return fd;
}

static void set(char *line)
{
    for (char *rest = line, *word; (word = strtok_r(rest, " \n", &rest));) {
        char *value = strchr(word, '=');
        int i = 0;

        if (value)
            *value++ = '\0';
        while (i < SETTINGS && strcmp(setting_names[i], word) != 0)
            i++;
        if (!value || i == SETTINGS) {
            (void)fprintf(stderr, "forwarder: %s: not a setting\n", word);
            exit(2);
        }
        setting[i] = strtoull(value, NULL, 10);
    }
    for (int i = 0; i < COUNTERS; i++)
        (void)printf("%s%s=%llu", i ? " " : "", counter_names[i], (unsigned long long)counter[i]);
    (void)printf("\n");
}

int main(int argc, char **argv)
{
    char line[256];
    struct pollfd p[3] = { { .events = POLLIN },
                           { .events = POLLIN },
                           { .fd = 0, .events = POLLIN } };
    int fd[2];

    if (argc != 3)
        return 2;
    for (int i = 0; i < 2; i++)
        p[i].fd = fd[i] = packet_socket(argv[1 + i]);
    for (uint32_t i = 0; i < FRAMES; i++)
        unused[unused_n++] = i;
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    (void)printf("ready\n");
    for (;;) {
        uint64_t now = now_ns(), left = heap_n && heap[0].ns > now ? heap[0].ns - now : 0;
        struct timespec wait = { .tv_sec = (time_t)(left / 1000000000),
                                 .tv_nsec = (long)(left % 1000000000) };

        if (ppoll(p, 3, heap_n ? &wait : NULL, NULL) < 0)
            return 1;
        for (int i = 0; i < 2; i++)
            if (p[i].revents)
                receive(fd, i);
        deliver(fd);
        if (p[2].revents) {
            if (!fgets(line, sizeof(line), stdin))
                return 0;
            set(line);
        }
    }
}
