/* SPDX-License-Identifier: Apache-2.0 */

/* Every conversation through the kernel host: the client's packets come in at XDP, the server's
 * leave at TC egress, and both hosts must say the same of each. */

#include "harness/talk.h"
#include "prog/differential.h"

static struct weir_talker native;
static unsigned long long steps, different;

static struct weir_loader *load_for_talks(enum weir_mode mode, uint32_t window_max)
{
    struct weir_loader_config c = test_config();
    struct weir_policy policy;
    struct weir_error e = { 0 };
    struct weir_loader *l;

    memset(c.judged_egress, 0xff, sizeof(c.judged_egress));
    c.flows_off = false;
    c.flows = c.half_open = c.payloads = WEIR_WAYS;
    c.window_max = window_max;
    l = load_with(&c);
    weir_policy_default(&policy, mode);
    if (weir_loader_policy_write(l, &policy, &e) < 0)
        fail_msg("%s", e.text);
    return l;
}

static void forget(struct weir_loader *l)
{
    for (int i = 0; i < WEIR_FLOW_TABLES; i++) {
        const struct weir_flow_table *table = weir_flows_table(l, i);

        memset(table->ways, 0, table->sets * sizeof(*table->ways));
        memset(table->set, 0, table->sets * sizeof(*table->set));
    }
}

static void compare(struct weir_loader *l, enum weir_mode mode, const struct weir_talk *talk,
                    size_t i, enum weir_hook hook, const struct weir_frame *frame)
{
    struct weir_hits all = native.in.hits;
    struct weir_policy policy;
    struct weir_decision decision;
    struct observed seen;
    char name[256];

    weir_detect_stateless(&all, &native.in.pkt, (struct weir_rows){ { ~0ULL, ~0ULL } });
    if (hook == WEIR_HOOK_TC_EGRESS)
        native.in.pkt.link_flags |= WEIR_LINK_SENT;
    weir_policy_default(&policy, mode);
    weir_decide(&decision, &all, &policy, &native.in.pkt);
    assert_int_equal(observe(l, hook, frame->b, frame->wire, &seen), 0);
    steps++;
    if (same_rows(&seen.found, &all.found) && same_rows(&seen.noted, &all.noted) &&
        seen.drop == decision.enforced && (seen.drop || seen.would) == decision.drop)
        return;
    different++;
    native.in.hits = all;
    (void)snprintf(name, sizeof(name), "%s: step %zu", talk->name, i + 1);
    differential_print(name, &native.in, &seen, decision.drop);
}

/* A record is the same in both hosts but for its place: what the kernel keeps decides its next
 * answer. */
static void compare_records(struct weir_loader *l, const struct weir_talk *talk)
{
    const struct weir_ways *flows = weir_flows_table(l, WEIR_FLOW_TABLE_OPEN)->ways;
    const struct weir_ways *half = weir_flows_table(l, WEIR_FLOW_TABLE_HALF)->ways;

    for (int way = 0; way < WEIR_WAYS; way++) {
        if (flows->tag[way] == native.flow_ways.tag[way] &&
            half->tag[way] == native.half_ways.tag[way])
            continue;
        different++;
        fprintf(stderr, "%s: tables differ at way %d\n", talk->name, way);
    }
}

static void run_shifted(struct weir_loader *l, enum weir_mode mode, const struct weir_talk *talk,
                        const struct weir_talk_shift *shift)
{
    static struct weir_frame frame;
    static __u64 hours;

    forget(l);
    weir_talker_init(&native);
    native.now_ns += hours++ * 3600 * SECOND; /* what is not forgotten is of another connection */
    for (size_t i = 0; i < talk->steps; i++) {
        const struct weir_talk_step *step = &talk->step[i];
        enum weir_hook hook = step->server ? WEIR_HOOK_TC_EGRESS : WEIR_HOOK_XDP;

        for (__u32 n = 0; n < (step->repeat ? step->repeat : 1); n++) {
            weir_talker_step(&native, talk, shift, step, n);
            weir_talk_build(step, shift, n, &frame);
            weir_loader_test_clock(l, native.now_ns, 0);
            compare(l, mode, talk, i, hook, &frame);
        }
    }
    compare_records(l, talk);
}

/* With all shifts in the native host's tests; here each mode has some of its own. */
static void run(struct weir_loader *l, enum weir_mode mode, const struct weir_talk *talk)
{
    for (unsigned i = mode; i < WEIR_TALK_SHIFTS; i += WEIR_MODE_MAX)
        run_shifted(l, mode, talk, &weir_talk_shifts[i]);
}

static void hosts_agree_on_talks(void **state)
{
    size_t n, skipped = 0;
    const struct weir_talk *talk = weir_talks(&n);

    (void)state;
    for (int mode = 0; mode < WEIR_MODE_MAX; mode++) {
        struct weir_loader *plain = load_for_talks(mode, 0);

        for (size_t i = 0; i < n; i++) {
            if (talk[i].gaps || talk[i].liberal) {
                skipped++;
                continue;
            }
            if (talk[i].window_max) {
                struct weir_loader *own = load_for_talks(mode, talk[i].window_max);

                run(own, mode, &talk[i]);
                weir_loader_free(own);
                continue;
            }
            run(plain, mode, &talk[i]);
        }
        weir_loader_free(plain);
    }
    fprintf(stderr,
            "%llu packets of %zu talks in two modes, %llu differences; not fed: %zu talks of "
            "captures or liberal zones\n",
            steps, n, different, skipped / WEIR_MODE_MAX);
    assert_true(steps > 0);
    assert_int_equal(different, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(hosts_agree_on_talks) };
    int r = privileged_or_skip();

    return r ? r : cmocka_run_group_tests(tests, NULL, NULL);
}
