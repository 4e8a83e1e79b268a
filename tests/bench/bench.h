/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Shared by the tools of the bench. They end with a message at the first thing that goes wrong: a
 * measurement is whole or it is none. */

#include <stdbool.h>
#include <stddef.h>

#include "bench/slot.h"

/* "what: errno's text" to standard error, exit status 1. */
_Noreturn void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* stream.c: packets of a capture, and the driver that runs them through a program. */
struct bench_stream;
struct bench_stream *bench_stream_open(const char *pcap, __u32 max);
__u32 bench_stream_count(const struct bench_stream *s);
const struct bench_slot *bench_stream_slot(const struct bench_stream *s, __u32 i);
/* Connections: the first three packets for each of `flows` are its handshake, the stream consists
 * of the rest, one packet of either side for each, and goes on with every pass. */
void bench_stream_flows(struct bench_stream *s, __u32 flows);
/* All handshakes, once. */
void bench_stream_shake(struct bench_stream *s, int prog_fd);
/* Processor time per packet in ns, of n packets; only the first of the stream when hot. *pass: how
 * often this program has seen the stream, kept by the caller. */
double bench_stream_run(struct bench_stream *s, int prog_fd, unsigned n, bool hot, __u32 *pass);
/* One packet by itself; returns the program's verdict. *ret_ns: the kernel's own measure. */
__u32 bench_packet_run(const struct bench_slot *s, int prog_fd, unsigned *ret_ns);

/* quiet.c: keep all processors but this one from other work, for at most a second; then let them
 * work as long. Without the permission nothing happens. */
void bench_quiet_begin(int cpu);
void bench_quiet_end(void);

/* target.c: what is measured. */
struct weir_loader;
struct bench_target {
    char name[64];
    int fd;
    struct weir_loader *weir; /* NULL: another's program */
    __u32 pass;               /* bench_stream_run() */
};

/* NAME=weir:OPTION,...  NAME=OBJECT:PROGRAM[,maps=DIR][,init=COMMAND]  NAME=id:N  NAME=pin:PATH */
void bench_target_open(struct bench_target *t, const char *spec);

/* weir.c: weir as the options say ("" for none), which bench_weir_usage() lists. */
struct weir_loader *bench_weir_open(const char *options);
const char *bench_weir_usage(void);
int bench_weir_fd(const struct weir_loader *l);
/* What it counted in XDP since it was opened, to standard error. */
void bench_weir_report(struct weir_loader *l, const char *name);
