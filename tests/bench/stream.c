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
    __u32 first; /* of the packets that are measured; before it are handshakes */
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

static void corpus_write(struct bench_stream *s)
{
    size_t bytes = (size_t)s->n * sizeof(struct bench_slot);
    void *corpus = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
                        bpf_map__fd(s->driver->maps.corpus), 0);

    if (corpus == MAP_FAILED)
        bench_fail("driver's packets");
    memcpy(corpus, s->slot, bytes);
    munmap(corpus, bytes);
}

static void load_driver(struct bench_stream *s)
{
    s->driver = wrap__open();
    if (!s->driver || bpf_map__set_max_entries(s->driver->maps.corpus, s->n) ||
        wrap__load(s->driver))
        bench_fail("driver");
    corpus_write(s);
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

/* Bytes of IPv4 payload that TCP carries; headers as mkpcap writes them. */
static __u32 payload_bytes(const struct bench_slot *s)
{
    return (__u32)(s->data[16] << 8 | s->data[17]) - 20 - (s->data[46] >> 4) * 4U;
}

void bench_stream_flows(struct bench_stream *s, __u32 flows)
{
    s->first = 3 * flows;
    if (s->n != 5 * flows)
        bench_fail("%u packets, expected 5 for each of %u connections", s->n, flows);
    for (__u32 i = s->first; i < s->n; i += 2) {
        s->slot[i].seq_step = s->slot[i + 1].ack_step = payload_bytes(&s->slot[i]);
        s->slot[i].ack_step = s->slot[i + 1].seq_step = payload_bytes(&s->slot[i + 1]);
    }
    corpus_write(s);
}

static void jump_into(struct bench_stream *s, int prog_fd)
{
    __u32 zero = 0;

    if (bpf_map_update_elem(bpf_map__fd(s->driver->maps.target), &zero, &prog_fd, 0))
        bench_fail("the driver cannot jump into this program");
}

static void drive(struct bench_stream *s, unsigned n)
{
    if (test_run(bpf_program__fd(s->driver->progs.wrap), s->slot, n, NULL) == 0 /* XDP_ABORTED */)
        bench_fail("the driver was aborted");
}

void bench_stream_shake(struct bench_stream *s, int prog_fd)
{
    jump_into(s, prog_fd);
    s->driver->bss->pos = s->driver->bss->first = 0;
    s->driver->bss->count = s->n;
    drive(s, s->first);
}

double bench_stream_run(struct bench_stream *s, int prog_fd, unsigned n, bool hot, __u32 *pass)
{
    double start;

    jump_into(s, prog_fd);
    s->driver->bss->pos = s->driver->bss->first = s->first;
    s->driver->bss->count = hot ? s->first + 1 : s->n;
    s->driver->bss->pass = *pass;
    drive(s, n / 4); /* warm */
    start = processor_ns();
    drive(s, n);
    start = processor_ns() - start;
    *pass = s->driver->bss->pass + 1; /* a pass that was cut short is a hole in some connections */
    return start / n;
}
