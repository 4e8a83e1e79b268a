/* SPDX-License-Identifier: Apache-2.0 */

/* What a packet costs in each of several programs, round by round: raw numbers as CSV, for
 * report.py. Every round measures every target once, so that what disturbs the machine hits all
 * alike. */

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "bench/bench.h"

static const char *const verdicts[] = { "aborted", "drop", "pass", "tx", "redirect", "other" };
#define VERDICTS (sizeof(verdicts) / sizeof(verdicts[0]))

struct plan {
    const char *pcap;
    unsigned rounds;
    unsigned repeat; /* packets in one measurement */
    unsigned each;   /* packets judged one by one, to see that the verdicts are those meant */
    __u32 max;       /* packets of the stream */
    int cpu;
    __u32 flows; /* connections that are opened first; 0: packets are what they are */
    bool hot;
    bool quiet;
};

static void print_verdicts(const struct bench_target *t, const struct bench_stream *s,
                           const struct plan *p)
{
    unsigned long n[VERDICTS] = { 0 }, all = 0;

    for (__u32 i = 0; i < p->each && i < bench_stream_count(s); i++, all++) {
        __u32 v = bench_packet_run(bench_stream_slot(s, i), t->fd, NULL);

        n[v < VERDICTS ? v : VERDICTS - 1]++;
    }
    fprintf(stderr, "%s:", t->name);
    for (size_t v = 0; v < VERDICTS; v++)
        if (n[v])
            fprintf(stderr, " %.1f %% %s", 100.0 * (double)n[v] / (double)all, verdicts[v]);
    fputc('\n', stderr);
}

/* The first round is not counted: it warms the packets and whatever is new to the machine. */
static void measure(struct bench_target *t, size_t n, struct bench_stream *s, const struct plan *p)
{
    const char *slash = strrchr(p->pcap, '/'), *tag = slash ? slash + 1 : p->pcap;
    double *ns = calloc(n, sizeof(*ns));

    if (!ns)
        bench_fail("%zu targets", n);
    for (unsigned round = 0; round <= p->rounds; round++) {
        if (p->quiet)
            bench_quiet_begin(p->cpu);
        for (size_t i = 0; i < n; i++)
            ns[i] = bench_stream_run(s, t[i].fd, p->repeat, p->hot, &t[i].pass);
        if (p->quiet)
            bench_quiet_end();
        for (size_t i = 0; round && i < n; i++)
            printf("%.*s,%s,%s,%u,%.2f\n", (int)strcspn(tag, "."), tag, t[i].name,
                   p->hot ? "hot" : "stream", round, ns[i]);
        fflush(stdout);
    }
    free(ns);
}

static int usage(void)
{
    fprintf(stderr,
            "usage: prog -p FILE.pcap [-k packets of it] [-r rounds] [-n packets a round]\n"
            "  [-e packets one by one] [-o connections to open first] [-c cpu] [-h (one hot "
            "packet)] [-q (hold other processors)] "
            "TARGET...\n"
            "TARGET: NAME=weir:OPTION,... | NAME=OBJECT:PROGRAM[,maps=DIR][,init=COMMAND]\n"
            "  | NAME=id:N | NAME=pin:PATH\noptions of weir:\n%s",
            bench_weir_usage());
    return 2;
}

static int silent(enum libbpf_print_level level, const char *format, va_list args)
{
    (void)level;
    (void)format;
    (void)args;
    return 0;
}

static struct plan parse(int argc, char **argv)
{
    struct plan p = { .rounds = 11, .repeat = 100000, .each = 2000, .max = 1 << 20 };
    int c;

    while ((c = getopt(argc, argv, "p:k:r:n:e:o:c:hq")) != -1) {
        switch (c) {
        case 'p':
            p.pcap = optarg;
            break;
        case 'k':
            p.max = (__u32)atoi(optarg);
            break;
        case 'r':
            p.rounds = (unsigned)atoi(optarg);
            break;
        case 'n':
            p.repeat = (unsigned)atoi(optarg);
            break;
        case 'e':
            p.each = (unsigned)atoi(optarg);
            break;
        case 'o':
            p.flows = (__u32)atoi(optarg);
            break;
        case 'c':
            p.cpu = atoi(optarg);
            break;
        case 'h':
            p.hot = true;
            break;
        case 'q':
            p.quiet = true;
            break;
        default:
            exit(usage());
        }
    }
    return p;
}

int main(int argc, char **argv)
{
    struct plan p = parse(argc, argv);
    size_t n = (size_t)(argc - optind);
    struct bench_target *t = calloc(n ? n : 1, sizeof(*t));
    struct bench_stream *s;
    cpu_set_t set;

    if (!p.pcap || !n || !p.rounds || p.repeat < 20 || !t)
        return usage();
    CPU_ZERO(&set);
    CPU_SET((size_t)p.cpu, &set);
    if (sched_setaffinity(0, sizeof(set), &set))
        bench_fail("processor %d", p.cpu);
    libbpf_set_print(silent);
    s = bench_stream_open(p.pcap, p.flows ? 5 * p.flows : p.max);
    if (p.flows)
        bench_stream_flows(s, p.flows);
    for (size_t i = 0; i < n; i++) {
        bench_target_open(&t[i], argv[optind + (int)i]);
        if (p.flows)
            bench_stream_shake(s, t[i].fd);
        else
            print_verdicts(&t[i], s, &p);
    }
    measure(t, n, s, &p);
    for (size_t i = 0; i < n; i++)
        if (t[i].weir)
            bench_weir_report(t[i].weir, t[i].name);
    return 0;
}
