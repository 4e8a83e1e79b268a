/* SPDX-License-Identifier: Apache-2.0 */

/* attach INTERFACE xdp|tc OPTIONS: weir on an interface of a lab, without its daemon, until a
 * signal or 10 minutes have passed. For what `weir run` cannot be told yet: thousands of bans. */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"
#include "loader/loader.h"

#define SECONDS_MAX 600

static void on_signal(int s)
{
    (void)s; /* only to end the pause */
}

int main(int argc, char **argv)
{
    struct weir_error err = { 0 };
    struct weir_loader *l;
    bool tc;

    if (argc < 3 || (strcmp(argv[2], "xdp") && strcmp(argv[2], "tc"))) {
        fprintf(stderr, "usage: attach INTERFACE xdp|tc [OPTION,...]\noptions of weir:\n%s",
                bench_weir_usage());
        return 2;
    }
    tc = !strcmp(argv[2], "tc");
    l = bench_weir_open(argc > 3 ? argv[3] : "");
    errno = 0;
    if (weir_loader_attach(l, argv[1], tc ? WEIR_ATTACH_TC : WEIR_ATTACH_XDP, NULL, &err) < 0)
        bench_fail("%s", err.text);
    (void)signal(SIGTERM, on_signal);
    (void)signal(SIGINT, on_signal);
    (void)signal(SIGALRM, on_signal);
    (void)alarm(SECONDS_MAX);
    puts("ready");
    fflush(stdout);
    (void)pause();
    bench_weir_report(l, "weir");
    weir_loader_free(l);
    return 0;
}
