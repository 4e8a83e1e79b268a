/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One frame through both hosts: outcome, rows found and noted, verdict in either mode. */

#include "prog/host.h"

struct differential {
    struct weir_loader *loader[WEIR_MODE_MAX];
    struct weir_policy policy[WEIR_MODE_MAX];
    uint64_t fed;
    uint64_t too_short; /* BPF_PROG_TEST_RUN wants an Ethernet header */
    uint64_t too_long;  /* ... and no more than the kernel's test buffer */
    uint64_t snapped;   /* the capture cut it: the kernel never sees such a frame */
    uint64_t different;
};

static inline void differential_open(struct differential *d)
{
    memset(d, 0, sizeof(*d));
    for (int mode = 0; mode < WEIR_MODE_MAX; mode++) {
        weir_policy_default(&d->policy[mode], mode);
        d->loader[mode] = load_in_mode(mode);
    }
}

static inline void differential_close(struct differential *d)
{
    for (int mode = 0; mode < WEIR_MODE_MAX; mode++)
        weir_loader_free(d->loader[mode]);
}

/* What the kernel counted for one frame, as the core would say it. */
struct observed {
    __u32 outcome;
    struct weir_rows found;
    struct weir_rows noted;
    bool drop;
    bool would;
};

static inline int observe(struct weir_loader *l, enum weir_hook hook, const __u8 *b, __u32 len,
                          struct observed *ret)
{
    struct weir_counters before = read_counters(l, hook), after;
    uint32_t verdict = 0;
    int r = weir_loader_test_run(l, hook, b, len, &verdict);

    if (r < 0)
        return r;
    after = read_counters(l, hook);
    *ret = (struct observed){ .outcome = WEIR_OUTCOME_MAX };
    for (__u32 i = 0; i < WEIR_OUTCOME_MAX; i++) {
        if (after.outcome[i] != before.outcome[i])
            ret->outcome = i;
    }
    for (__u32 row = 0; row < WEIR_ROW_MAX; row++) {
        if (after.found[row] != before.found[row])
            weir_rows_set(&ret->found, row);
        if (after.noted[row] != before.noted[row])
            weir_rows_set(&ret->noted, row);
    }
    ret->drop = verdict_is_drop(hook, verdict);
    ret->would = after.n[WEIR_COUNTER_WOULD_DETECTION] != before.n[WEIR_COUNTER_WOULD_DETECTION];
    return 0;
}

static inline bool same_rows(const struct weir_rows *a, const struct weir_rows *b)
{
    return a->w[0] == b->w[0] && a->w[1] == b->w[1];
}

static inline void differential_print(const char *name, const struct weir_inspection *native,
                                      const struct observed *seen, bool drop)
{
    char text[4][WEIR_ROWS_TEXT];

    fprintf(stderr, "%s: native %s [%s] noted [%s]%s; kernel %s [%s] noted [%s]%s%s\n", name,
            expect_outcome_name(native->pkt.outcome), weir_rows_text(&native->hits.found, text[0]),
            weir_rows_text(&native->hits.noted, text[1]), drop ? " drop" : "",
            seen->outcome < WEIR_OUTCOME_MAX ? expect_outcome_name(seen->outcome) : "no outcome",
            weir_rows_text(&seen->found, text[2]), weir_rows_text(&seen->noted, text[3]),
            seen->drop ? " drop" : "", seen->would ? " would drop" : "");
}

static inline void differential_hook(struct differential *d, const char *name,
                                     const struct weir_inspection *native, enum weir_hook hook,
                                     const __u8 *b, __u32 len)
{
    const struct weir_rows found = { { native->hits.found.w[0] | native->outside.w[0],
                                       native->hits.found.w[1] | native->outside.w[1] } };

    for (int mode = 0; mode < WEIR_MODE_MAX; mode++) {
        struct weir_decision decision;
        struct observed seen;
        int r = observe(d->loader[mode], hook, b, len, &seen);

        if (r == -EINVAL || r == -E2BIG || r == -EMSGSIZE || r == -ENOMEM) {
            d->too_long++;
            return;
        }
        assert_int_equal(r, 0);
        weir_decide(&decision, &native->hits, &d->policy[mode], &native->pkt);
        if (seen.outcome == native->pkt.outcome && same_rows(&seen.found, &found) &&
            same_rows(&seen.noted, &native->hits.noted) && seen.drop == decision.enforced &&
            (seen.drop || seen.would) == decision.drop)
            continue;
        d->different++;
        if (d->different <= 20)
            differential_print(name, native, &seen, decision.drop);
    }
}

static inline void differential_frame(struct differential *d, const char *name, const __u8 *b,
                                      __u32 cap, __u32 wire)
{
    static struct weir_inspection native;

    if (cap < wire) {
        d->snapped++;
        return;
    }
    if (wire < 14) {
        d->too_short++;
        return;
    }
    weir_inspect_bytes(&native, b, cap, wire, &(struct weir_arrival){ 0 });
    d->fed++;
    differential_hook(d, name, &native, WEIR_HOOK_XDP, b, wire);
    differential_hook(d, name, &native, WEIR_HOOK_TC_INGRESS, b, wire);
}

static inline void differential_report(const struct differential *d)
{
    fprintf(stderr,
            "%llu frames through both hosts at two hooks in two modes, %llu differences; not fed: "
            "%llu shorter than 14 bytes, %llu hook runs beyond the test buffer, %llu snapped\n",
            (unsigned long long)d->fed, (unsigned long long)d->different,
            (unsigned long long)d->too_short, (unsigned long long)d->too_long,
            (unsigned long long)d->snapped);
}
