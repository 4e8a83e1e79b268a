/* SPDX-License-Identifier: Apache-2.0 */

/* Bounded SYN flood out of a veth. Refuses anything but a veth and a destination in 10.0.0.0/8: it
 * is for network namespaces only. */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "gen.skel.h"

#define SECONDS_MAX 120
#define FRAME_SHORT 60
#define FRAME_OPTIONS 74

struct plan {
    const char *device;
    const char *dst;
    const char *src; /* first source */
    unsigned bits;   /* of it that are random */
    unsigned port;
    __u64 rate; /* a second; 0: flat out */
    double seconds;
    int cpu;
    int options;
};

static void on_signal(int s)
{
    (void)s; /* only to interrupt the test run */
}

static __u64 now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (__u64)t.tv_sec * 1000000000ULL + (__u64)t.tv_nsec;
}

static __u32 sum(const __u8 *p, int n)
{
    __u32 s = 0;

    for (; n > 1; n -= 2, p += 2)
        s += (__u32)(p[0] << 8 | p[1]);
    return s;
}

static int is_veth(const char *device)
{
    struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
    struct ifreq r = { 0 };
    int fd = socket(AF_INET, SOCK_DGRAM, 0), yes;

    snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", device);
    r.ifr_data = (void *)&info;
    yes = fd >= 0 && !ioctl(fd, SIOCETHTOOL, &r) && !strcmp(info.driver, "veth");
    close(fd);
    return yes;
}

static void put16(__u8 *p, unsigned v)
{
    p[0] = (__u8)(v >> 8);
    p[1] = (__u8)v;
}

/* Returns the length of the frame; all but source, port, sequence number and checksums is in it. */
static int make_template(__u8 f[80], const struct plan *p)
{
    static const __u8 head[15] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45 };
    static const __u8 options[20] = {
        2, 4, 5, 180, 4, 2, 8, 10, 0, 1, 2, 3, 0, 0, 0, 0, 1, 3, 3, 7
    };
    int tcp = p->options ? 40 : 20;

    memset(f, 0, 80);
    memcpy(f, head, sizeof(head));
    put16(f + 16, (unsigned)(20 + tcp));
    f[20] = 0x40; /* DF */
    f[22] = 64;
    f[23] = 6;
    inet_pton(AF_INET, p->dst, f + 30);
    put16(f + 36, p->port);
    f[46] = (__u8)(tcp / 4 << 4);
    f[47] = 2; /* SYN */
    put16(f + 48, 64240);
    if (p->options)
        memcpy(f + 54, options, sizeof(options));
    return p->options ? FRAME_OPTIONS : FRAME_SHORT;
}

static struct gen *load(const struct plan *p, const __u8 f[80], int n)
{
    int tcp = p->options ? 40 : 20;
    struct gen *g = gen__open();

    if (!g)
        return NULL;
    memcpy((void *)g->rodata->frame, f, 80);
    g->rodata->len = (__u32)n;
    g->rodata->ifindex = if_nametoindex(p->device);
    g->rodata->src_base = ntohl(inet_addr(p->src));
    g->rodata->src_mask = p->bits == 32 ? ~0U : (1U << p->bits) - 1;
    g->rodata->ip_sum = sum(f + 14, 20);
    g->rodata->tcp_sum = sum(f + 30, 4) + 6 + (__u32)tcp + sum(f + 34, tcp);
    g->bss->rate = p->rate;
    return gen__load(g) ? NULL : g;
}

/* One test run, ended by a signal: setting one up costs an RCU grace period. */
static int run(const struct plan *p, struct gen *g, __u8 f[80], int n)
{
    struct xdp_md ctx = { .data_end = (__u32)n, .ingress_ifindex = g->rodata->ifindex };
    LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = f, .data_size_in = (__u32)n, .ctx_in = &ctx,
                .ctx_size_in = sizeof(ctx), .repeat = 1U << 31, .batch_size = p->rate ? 16 : 64,
                .flags = BPF_F_TEST_XDP_LIVE_FRAMES);
    double whole = (double)(long)p->seconds;
    const struct itimerval it = { .it_value = { (long)p->seconds,
                                                (long)((p->seconds - whole) * 1e6) } };
    __u64 start = now();
    double took;

    (void)signal(SIGINT, on_signal);
    (void)signal(SIGTERM, on_signal);
    (void)signal(SIGALRM, on_signal);
    (void)setitimer(ITIMER_REAL, &it, NULL);
    g->bss->start = start;
    if (bpf_prog_test_run_opts(bpf_program__fd(g->progs.gen), &o) && errno != EINTR) {
        perror("test run");
        return 1;
    }
    took = (double)(now() - start) / 1e9;
    printf("sent %llu in %.3f s = %.0f a second\n", (unsigned long long)g->bss->sent, took,
           (double)g->bss->sent / took);
    return 0;
}

static int usage(void)
{
    fprintf(stderr,
            "usage: flood -i veth [-d dst] [-p port] [-s first source] [-b random bits of it]\n"
            "  [-r a second, 0 = flat out] [-t seconds <= %d] [-c processor] [-o (with options)]\n",
            SECONDS_MAX);
    return 2;
}

static struct plan parse(int argc, char **argv)
{
    struct plan p = { .dst = "10.77.0.2", .src = "16.0.0.0", .bits = 28, .port = 80, .seconds = 5 };
    int c;

    while ((c = getopt(argc, argv, "i:d:p:s:b:r:t:c:o")) != -1) {
        switch (c) {
        case 'i':
            p.device = optarg;
            break;
        case 'd':
            p.dst = optarg;
            break;
        case 'p':
            p.port = (unsigned)atoi(optarg);
            break;
        case 's':
            p.src = optarg;
            break;
        case 'b':
            p.bits = (unsigned)atoi(optarg);
            break;
        case 'r':
            p.rate = strtoull(optarg, NULL, 0);
            break;
        case 't':
            p.seconds = atof(optarg);
            break;
        case 'c':
            p.cpu = atoi(optarg);
            break;
        case 'o':
            p.options = 1;
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
    struct gen *g;
    cpu_set_t set;
    __u8 f[80];
    int n;

    if (!p.device || p.seconds <= 0 || p.seconds > SECONDS_MAX || p.bits > 32)
        return usage();
    if (!is_veth(p.device) || strncmp(p.dst, "10.", 3)) {
        fprintf(stderr, "flood: only over a veth, only to 10.0.0.0/8\n");
        return 2;
    }
    CPU_ZERO(&set);
    CPU_SET((size_t)p.cpu, &set);
    (void)sched_setaffinity(0, sizeof(set), &set);
    n = make_template(f, &p);
    g = load(&p, f, n);
    return g ? run(&p, g, f, n) : 1;
}
