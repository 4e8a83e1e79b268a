/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The kernel host under test: loaded without pins, on a clock that the test sets. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness/expect.h"
#include "loader/loader.h"

#define SKIP 77
#define SECOND 1000000000ULL

static inline bool can_load(void)
{
    struct weir_probe probe;

    return weir_probe_kernel(&probe) == 0 && probe.bpf;
}

/* For main(): 0 to go on, else the exit code. */
static inline int privileged_or_skip(void)
{
    const char *require = getenv("WEIR_REQUIRE_PRIVILEGED");

    if (can_load())
        return 0;
    fprintf(stderr, "needs CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON\n");
    return require && strcmp(require, "1") == 0 ? 1 : SKIP;
}

static inline struct weir_loader_config test_config(void)
{
    struct weir_loader_config c = {
        .checksum_every = 1, .no_incident_limit = true, .test_clock = true, .flows_off = true
    };

    memset(c.judged, 0xff, sizeof(c.judged));
    return c;
}

static inline struct weir_loader *load_with(const struct weir_loader_config *c)
{
    struct weir_loader *l = NULL;
    struct weir_error e = { 0 };

    if (weir_loader_new(c, &l, &e) < 0)
        fail_msg("%s", e.text);
    weir_loader_test_clock(l, 1000 * SECOND, 0);
    return l;
}

/* Loaded, with the default policy of the mode. */
static inline struct weir_loader *load_in_mode(enum weir_mode mode)
{
    struct weir_loader_config c = test_config();
    struct weir_loader *l = load_with(&c);
    struct weir_policy policy;
    struct weir_error e = { 0 };

    weir_policy_default(&policy, mode);
    if (weir_loader_policy_write(l, &policy, &e) < 0)
        fail_msg("%s", e.text);
    return l;
}

static inline struct weir_counters read_counters(struct weir_loader *l, enum weir_hook hook)
{
    struct weir_counters c;

    assert_int_equal(weir_loader_counters(l, hook, &c), 0);
    return c;
}

static inline bool verdict_is_drop(enum weir_hook hook, uint32_t verdict)
{
    return hook == WEIR_HOOK_XDP ? verdict == 1 : verdict == 2; /* XDP_DROP, TC_ACT_SHOT */
}

/* One frame through a hook. True: dropped. */
static inline bool run_frame(struct weir_loader *l, enum weir_hook hook, const void *frame,
                             size_t len)
{
    uint32_t verdict = 0;
    int r = weir_loader_test_run(l, hook, frame, len, &verdict);

    if (r < 0)
        fail_msg("test run of %zu bytes: %s", len, strerror(-r));
    return verdict_is_drop(hook, verdict);
}

static inline bool run_packet(struct weir_loader *l, enum weir_hook hook,
                              const struct weir_packet *p)
{
    static struct weir_frame frame;

    weir_packet_build(p, &frame);
    return run_frame(l, hook, frame.b, frame.wire);
}

struct caught {
    struct weir_event ev[256];
    size_t n;
};

static inline void catch_event(const void *record, size_t len, void *arg)
{
    struct caught *c = arg;

    assert_int_equal(len, sizeof(struct weir_event));
    assert_true(c->n < sizeof(c->ev) / sizeof(c->ev[0]));
    memcpy(&c->ev[c->n++], record, len);
}
