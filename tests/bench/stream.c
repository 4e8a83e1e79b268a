/* SPDX-License-Identifier: Apache-2.0 */

/* Packets of a capture, and the time a program takes over them by BPF_PROG_TEST_RUN. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bench/bench.h"
#include "wrap.skel.h"

#define PACKET_MAX 3000 /* what a test run takes in one buffer */

struct bench_stream {
    __u32 n;
    struct bench_slot *slot;
    struct wrap *driver;
};

static void add_packet(struct bench_stream *s, const __u8 *data, __u32 len, __u32 *room)
{
    struct bench_slot *slot;

    if (s->n == *room) {
        *room = *room ? *room * 2 : 1024;
        s->slot = reallocarray(s->slot, *room, sizeof(*s->slot));
        if (!s->slot)
            bench_fail("%u packets", *room);
    }
    slot = &s->slot[s->n++];
    memset(slot, 0, sizeof(*slot));
    slot->len = len < PACKET_MAX ? len : PACKET_MAX;
    slot->snap = slot->len < BENCH_SNAP ? slot->len : BENCH_SNAP;
    memcpy(slot->data, data, slot->snap);
}

static void read_pcap(struct bench_stream *s, const char *path, __u32 max)
{
    struct {
        __u32 sec, usec, cap, len;
    } h;
    static __u8 buf[1 << 16];
    FILE *f = fopen(path, "rb");
    __u32 magic, room = 0;

    if (!f || fread(&magic, 4, 1, f) != 1 || fseek(f, 24, SEEK_SET))
        bench_fail("%s", path);
    if (magic != 0xa1b2c3d4)
        bench_fail("%s: not a little-endian pcap", path);
    while (s->n < max && fread(&h, sizeof(h), 1, f) == 1) {
        if (h.cap > sizeof(buf) || fread(buf, h.cap, 1, f) != 1)
            break;
        add_packet(s, buf, h.cap, &room);
    }
    fclose(f);
    if (!s->n)
        bench_fail("%s: no packets", path);
}

static void load_driver(struct bench_stream *s)
{
    size_t bytes = (size_t)s->n * sizeof(struct bench_slot);
    void *corpus;

    s->driver = wrap__open();
    if (!s->driver || bpf_map__set_max_entries(s->driver->maps.corpus, s->n) ||
        wrap__load(s->driver))
        bench_fail("driver");
    corpus = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
                  bpf_map__fd(s->driver->maps.corpus), 0);
    if (corpus == MAP_FAILED)
        bench_fail("driver's packets");
    memcpy(corpus, s->slot, bytes);
    munmap(corpus, bytes);
}

struct bench_stream *bench_stream_open(const char *pcap, __u32 max)
{
    struct bench_stream *s = calloc(1, sizeof(*s));

    if (!s)
        bench_fail("stream");
    read_pcap(s, pcap, max);
    load_driver(s);
    return s;
}

__u32 bench_stream_count(const struct bench_stream *s)
{
    return s->n;
}

const struct bench_slot *bench_stream_slot(const struct bench_stream *s, __u32 i)
{
    return &s->slot[i];
}

static double processor_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static __u32 test_run(int fd, const struct bench_slot *s, unsigned n, unsigned *ret_ns)
{
    static __u8 packet[PACKET_MAX];
    LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = packet, .data_size_in = s->len, .repeat = (int)n);

    memset(packet, 0, sizeof(packet));
    memcpy(packet, s->data, s->snap);
    if (bpf_prog_test_run_opts(fd, &o))
        bench_fail("test run");
    if (ret_ns)
        *ret_ns = o.duration;
    return o.retval;
}

__u32 bench_packet_run(const struct bench_slot *s, int prog_fd, unsigned *ret_ns)
{
    return test_run(prog_fd, s, 1, ret_ns);
}

double bench_stream_run(struct bench_stream *s, int prog_fd, unsigned n, bool hot)
{
    int driver = bpf_program__fd(s->driver->progs.wrap);
    __u32 zero = 0;
    double start;

    if (bpf_map_update_elem(bpf_map__fd(s->driver->maps.target), &zero, &prog_fd, 0))
        bench_fail("the driver cannot jump into this program");
    s->driver->bss->pos = 0;
    s->driver->bss->count = hot ? 1 : s->n;
    test_run(driver, s->slot, n / 4, NULL); /* warm */
    start = processor_ns();
    if (test_run(driver, s->slot, n, NULL) == 0 /* XDP_ABORTED */)
        bench_fail("the driver was aborted");
    return (processor_ns() - start) / n;
}
