/* SPDX-License-Identifier: Apache-2.0 */

/* Every siege through the kernel host, what comes in at XDP and what goes out at TC egress: rows,
 * verdicts, events and, at the end, the records of targets must be the native host's. */

#include <sched.h>

#include "harness/siege.h"
#include "prog/differential.h"

static struct weir_defender native;
static unsigned long long packets, different;

static void own(struct weir_loader *l)
{
    static uint8_t addr[SIEGE_HOSTS + 1][16];
    struct weir_error e = { 0 };
    size_t n = 0;

    for (__u32 host = 0; host < SIEGE_HOSTS; host++)
        weir_siege_address(addr[n++], false, host);
    weir_siege_address(addr[n++], true, 0);
    if (weir_own_set(l, addr, n, &e) < 0)
        fail_msg("%s", e.text);
}

static struct weir_loader *load_for_sieges(enum weir_mode mode)
{
    struct weir_loader_config c = test_config();
    struct weir_policy policy;
    struct weir_error e = { 0 };
    struct weir_loader *l;

    memset(c.judged_egress, 0xff, sizeof(c.judged_egress));
    c.flows_off = false;
    c.flows = c.half_open = DEFENDER_SETS * WEIR_WAYS;
    c.dests = DEFENDER_DEST_SETS * WEIR_WAYS;
    c.sources = DEFENDER_SOURCE_SETS * WEIR_WAYS;
    l = load_with(&c);
    weir_policy_default(&policy, mode);
    if (weir_loader_policy_write(l, &policy, &e) < 0)
        fail_msg("%s", e.text);
    own(l);
    return l;
}

static void differs(const struct weir_siege *g, const char *what, unsigned long long at)
{
    if (different++ < 20)
        fprintf(stderr, "%s: %s differs (%llu)\n", g->name, what, at);
}

static void compare_packet(struct weir_loader *l, const struct weir_siege *g,
                           const struct weir_shot *shot)
{
    struct weir_hits all = native.in.hits;
    enum weir_hook hook = shot->egress ? WEIR_HOOK_TC_EGRESS : WEIR_HOOK_XDP;
    struct observed seen;

    assert_int_equal(observe(l, hook, shot->frame.b, shot->frame.wire, &seen), 0);
    packets++;
    if (same_rows(&seen.found, &all.found) && seen.drop == native.decision.enforced &&
        (seen.drop || seen.would) == native.decision.drop)
        return;
    if (different++ < 20)
        differential_print(g->name, &native.in, &seen, native.decision.drop);
}

struct listener {
    const struct weir_siege *siege;
    size_t n;
};

/* Events of floods in their order; those of other rows are in the table of incidents. */
static void hear(const void *record, size_t len, void *arg)
{
    struct listener *h = arg;
    struct weir_event ev;

    if (len != sizeof(ev))
        return;
    memcpy(&ev, record, len);
    if (ev.type != WEIR_EVENT_FINDING)
        return;
    for (__u32 row = 0; row < WEIR_ROW_MAX; row++)
        if (weir_row_id(row) == ev.detection && weir_row_surge(row) == WEIR_SURGES)
            return;
    if (h->n >= native.events || memcmp(&native.ev[h->n], &ev, sizeof(ev)) != 0)
        differs(h->siege, "an event", h->n);
    h->n++;
}

static void compare_records(struct weir_loader *l, const struct weir_siege *g)
{
    uint32_t n;
    const struct weir_dest_set *set = weir_dests_table(l, &n);

    assert_int_equal(n, DEFENDER_DEST_SETS);
    for (uint32_t i = 0; i < n * WEIR_WAYS; i++) {
        const struct weir_dest_set *a = &set[i / WEIR_WAYS], *b = &native.dests[i / WEIR_WAYS];

        if (a->ways.tag[i % WEIR_WAYS] != b->ways.tag[i % WEIR_WAYS])
            differs(g, "a tag", i);
        else if (memcmp(&a->service[i % WEIR_WAYS], &b->service[i % WEIR_WAYS],
                        sizeof(a->service[0])) != 0)
            differs(g, "a record", i);
    }
}

/* Each siege begins at the same hour with the same packets: nothing of the one before may count. */
static void forget(struct weir_loader *l)
{
    const struct weir_source_table *sources = weir_sources_table(l);

    assert_int_equal(sources->sets, DEFENDER_SOURCE_SETS);
    memset(sources->ways, 0, sources->sets * sizeof(*sources->ways));
    memset(sources->gate, 0, DEFENDER_GATES * sizeof(*sources->gate));
    memset(sources->target, 0, WEIR_TARGETS * sizeof(*sources->target));
    memset(sources->twin, 0, WEIR_TWINS * sizeof(*sources->twin));
    for (int i = 0; i < WEIR_FLOW_TABLES; i++) {
        const struct weir_flow_table *table = weir_flows_table(l, i);

        memset(table->ways, 0, table->sets * sizeof(*table->ways));
        memset(table->set, 0, table->sets * sizeof(*table->set));
    }
    weir_dests_forget(l);
}

static void run(struct weir_loader *l, enum weir_mode mode, const struct weir_siege *g)
{
    struct weir_march *m = weir_march_new(g);
    struct listener h = { .siege = g };
    const struct weir_shot *shot;

    forget(l);
    weir_defender_init(&native, mode);
    while ((shot = weir_march_next(m))) {
        weir_loader_test_clock(l, shot->now_ns, 0);
        weir_defender_shot(&native, shot);
        if (shot->stream) {
            compare_packet(l, g, shot);
            continue;
        }
        assert_int_equal(weir_flood_sweep(l, false), 0);
        assert_true(weir_events_read(l, hear, &h) >= 0);
    }
    assert_true(weir_events_read(l, hear, &h) >= 0);
    if (h.n != native.events)
        differs(g, "the number of events", h.n);
    compare_records(l, g);
    weir_march_free(m);
}

/* The native host has one CPU, too: whose packets have most in common is voted for by each. */
static void stay_on_this_cpu(void)
{
    cpu_set_t one;

    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
}

static void hosts_agree_on_sieges(void **state)
{
    size_t n;
    const struct weir_siege *g = weir_sieges(&n);
    struct weir_loader *l[WEIR_MODE_MAX];

    (void)state;
    stay_on_this_cpu();
    for (int mode = 0; mode < WEIR_MODE_MAX; mode++)
        l[mode] = load_for_sieges(mode);
    for (size_t i = 0; i < n; i++)
        if (!g[i].native)
            run(l[i % WEIR_MODE_MAX], i % WEIR_MODE_MAX, &g[i]);
    for (int mode = 0; mode < WEIR_MODE_MAX; mode++)
        weir_loader_free(l[mode]);
    fprintf(stderr, "%llu packets of %zu sieges, %llu differences\n", packets, n, different);
    assert_true(packets > 0);
    assert_int_equal(different, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(hosts_agree_on_sieges) };
    int r = privileged_or_skip();

    return r ? r : cmocka_run_group_tests(tests, NULL, NULL);
}
