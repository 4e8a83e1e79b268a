/* SPDX-License-Identifier: Apache-2.0 */

/* A processor that shares a core with another pays for what that one runs: caches, branch
 * predictors, decoders. While a round is measured, threads of the highest priority hold all other
 * processors in a loop of pauses; between rounds everybody else has the machine. */

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"

static struct {
    pthread_t *thread;
    int threads;
    bool stop;
    struct timespec since;
} others;

static void *hold(void *arg)
{
    (void)arg;
    while (!__atomic_load_n(&others.stop, __ATOMIC_RELAXED)) {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        __asm__ volatile("yield");
#endif
    }
    return NULL;
}

static bool start_on(pthread_t *thread, int cpu)
{
    const struct sched_param first = { .sched_priority = 1 };
    pthread_attr_t attr;
    cpu_set_t set;
    bool started;

    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    pthread_attr_init(&attr);
    pthread_attr_setaffinity_np(&attr, sizeof(set), &set);
    pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
    pthread_attr_setschedpolicy(&attr, SCHED_FIFO);
    pthread_attr_setschedparam(&attr, &first);
    started = pthread_create(thread, &attr, hold, NULL) == 0;
    pthread_attr_destroy(&attr);
    return started;
}

void bench_quiet_begin(int cpu)
{
    int all = (int)sysconf(_SC_NPROCESSORS_ONLN);

    others.thread = calloc((size_t)all, sizeof(*others.thread));
    others.threads = 0;
    others.stop = false;
    clock_gettime(CLOCK_MONOTONIC, &others.since);
    for (int i = 0; others.thread && i < all; i++)
        if (i != cpu && start_on(&others.thread[others.threads], i))
            others.threads++;
}

void bench_quiet_end(void)
{
    struct timespec now;

    __atomic_store_n(&others.stop, true, __ATOMIC_RELAXED);
    for (int i = 0; i < others.threads; i++)
        pthread_join(others.thread[i], NULL);
    free(others.thread);
    clock_gettime(CLOCK_MONOTONIC, &now);
    now.tv_sec -= others.since.tv_sec;
    now.tv_nsec -= others.since.tv_nsec;
    if (now.tv_nsec < 0) {
        now.tv_sec--;
        now.tv_nsec += 1000000000;
    }
    nanosleep(&now, NULL); /* as long as it was ours it is theirs */
}
