/* SPDX-License-Identifier: Apache-2.0 */

/* Every conversation through the kernel host: the client's packets come in at XDP, the server's
 * leave at TC egress, and both hosts must say the same of each. */

#include "harness/move.h"
#include "harness/random.h"
#include "harness/talk.h"
#include "prog/differential.h"

#define DRAWN 60 /* conversations in each mode */
#define DRAWN_STEPS 40

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
    c.flows = c.half_open = c.payloads = c.sources = WEIR_WAYS;
    c.window_max = window_max;
    l = load_with(&c);
    weir_policy_default(&policy, mode);
    if (weir_loader_policy_write(l, &policy, &e) < 0)
        fail_msg("%s", e.text);
    return l;
}

static void forget(struct weir_loader *l)
{
    const struct weir_source_table *sources = weir_sources_table(l);

    memset(sources->ways, 0, sources->sets * sizeof(*sources->ways));
    memset(sources->gate, 0, sources->sets * WEIR_WAYS * 8 * sizeof(*sources->gate));
    memset(sources->target, 0, WEIR_TARGETS * sizeof(*sources->target));
    memset(sources->twin, 0, WEIR_TWINS * sizeof(*sources->twin));
    for (int i = 0; i < WEIR_FLOW_TABLES; i++) {
        const struct weir_flow_table *table = weir_flows_table(l, i);

        memset(table->ways, 0, table->sets * sizeof(*table->ways));
        memset(table->set, 0, table->sets * sizeof(*table->set));
    }
}

static void compare(struct weir_loader *l, enum weir_mode mode, const struct weir_talk *talk,
                    size_t i, enum weir_hook hook, const __u8 *b, __u32 bytes)
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
    assert_int_equal(observe(l, hook, b, bytes, &seen), 0);
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
            compare(l, mode, talk, i, hook, frame.b, frame.wire);
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

/* A handshake, then anything; mostly what two hosts could send, near the numbers that matter. */
static void draw_move(struct weir_random *dice, size_t at, __u8 in[WEIR_MOVE_BYTES])
{
    static const __u8 handshake[][WEIR_MOVE_BYTES] = {
        { 0, WEIR_SYN, 7, 0, 1, 0, 0, 255, 255, 0x80, 3 },
        { 1, WEIR_SYN | WEIR_ACK, 7, 0, 9, 0, 0, 255, 255, 0x80, 3 },
        { 0, WEIR_ACK, 0, 0, 0, 0, 0, 4, 0, 0x80, 2 },
    };
    static const __u8 flags[] = { WEIR_ACK,
                                  WEIR_ACK,
                                  WEIR_ACK,
                                  WEIR_ACK,
                                  WEIR_ACK | WEIR_PSH,
                                  WEIR_SYN,
                                  WEIR_SYN | WEIR_ACK,
                                  WEIR_FIN | WEIR_ACK,
                                  WEIR_RST,
                                  WEIR_RST | WEIR_ACK };

    weir_random_bytes(dice, in, WEIR_MOVE_BYTES);
    if (at < 3 && in[11] & 15) {
        memcpy(in, handshake[at], WEIR_MOVE_BYTES);
        return;
    }
    in[0] &= in[12] & 7 ? ~6 : ~0; /* pauses are rare */
    in[1] = flags[in[1] % sizeof(flags)];
    in[10] = (in[10] & 4) | 2;
    for (int i = 3; i < 7; i += 2) /* a little before or behind */
        in[i] = in[13] & 3 ? (in[i] & 1 ? 0xff : 0) : in[i];
}

static void hosts_agree_on_anything(void **state)
{
    static const struct weir_move_shift shift = { .number = { 1000, 0xfffff000 } };
    const struct weir_talk talk = { .name = "drawn" };
    const struct weir_terms terms = { 0 };
    static struct weir_move m;
    unsigned long long before = steps, odd = 0;

    (void)state;
    for (int mode = 0; mode < WEIR_MODE_MAX; mode++) {
        struct weir_loader *l = load_for_talks(mode, 0);

        for (__u64 seed = 0; seed < DRAWN; seed++) {
            struct weir_random dice = { .state = seed << 1 | (__u64)mode };

            forget(l);
            weir_talker_init(&native);
            for (size_t i = 0; i < DRAWN_STEPS; i++) {
                __u8 in[WEIR_MOVE_BYTES];

                draw_move(&dice, i, in);
                weir_move_build(&m, &native, in, &shift);
                native.now_ns += m.after_ns;
                weir_talker_frame(&native, m.b, m.bytes, m.bytes, m.server, &terms);
                odd += weir_hits_any(&native.in.hits);
                weir_loader_test_clock(l, native.now_ns, 0);
                compare(l, mode, &talk, seed * 1000 + i,
                        m.server ? WEIR_HOOK_TC_EGRESS : WEIR_HOOK_XDP, m.b, m.bytes);
            }
            compare_records(l, &talk);
        }
        weir_loader_free(l);
    }
    fprintf(stderr, "%llu packets drawn, rows held for %llu, %llu differences\n", steps - before,
            odd, different);
    assert_true(odd > (steps - before) / 20);
    assert_int_equal(different, 0);
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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_agree_on_talks),
        cmocka_unit_test(hosts_agree_on_anything),
    };
    int r = privileged_or_skip();

    return r ? r : cmocka_run_group_tests(tests, NULL, NULL);
}
