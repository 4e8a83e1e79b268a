/* SPDX-License-Identifier: Apache-2.0 */

/* Evidence in the kernel: heads of all packets, whole ones of a source from its incident on. */

#include "abi/detection.h"
#include "prog/host.h"

#define NOW (1000 * SECOND)
#define VERIFIED_MAX 400000

struct kept {
    struct {
        struct weir_packet_event ev;
        __u8 b[2048];
    } of[64];
    size_t n;
    size_t findings;
};

static void catch_packet(const void *record, size_t len, void *arg)
{
    const struct weir_event *head = record;
    struct kept *k = arg;

    if (head->type != WEIR_EVENT_PACKET) {
        k->findings++;
        return;
    }
    assert_true(k->n < 64);
    assert_true(len >= sizeof(struct weir_packet_event));
    memcpy(&k->of[k->n].ev, record, sizeof(struct weir_packet_event));
    assert_true(k->of[k->n].ev.note.cap <= len - sizeof(struct weir_packet_event));
    memcpy(k->of[k->n].b, (const __u8 *)record + sizeof(struct weir_packet_event),
           k->of[k->n].ev.note.cap < 2048 ? k->of[k->n].ev.note.cap : 2048);
    k->n++;
}

static struct weir_loader *load(enum weir_mode mode, uint32_t packets, uint32_t recent)
{
    struct weir_loader_config c = test_config();
    struct weir_policy policy;
    struct weir_loader *l;

    c.evidence_packets = packets;
    c.evidence_recent = recent;
    l = load_with(&c);
    weir_policy_default(&policy, mode);
    assert_int_equal(weir_loader_policy_write(l, &policy, NULL), 0);
    return l;
}

static const struct weir_packet xmas = { .tcp = { .flags = WEIR_FIN | WEIR_PSH | WEIR_URG } };
static const struct weir_packet plain = { .payload_bytes = 1000 };
static const struct weir_packet stranger = { .ip4 = { .src = "192.0.2.99" } };
static const struct weir_packet answer = { .ip4 = { .src = PACKET_SERVER4,
                                                    .dst = PACKET_CLIENT4 } };

static struct kept kept;

static void read_all(struct weir_loader *l)
{
    memset(&kept, 0, sizeof(kept));
    assert_true(weir_events_read(l, catch_packet, &kept) >= 0);
}

static void whole_from_the_incident_on(void **state)
{
    static const enum weir_hook hooks[] = { WEIR_HOOK_XDP, WEIR_HOOK_TC_INGRESS };
    struct weir_loader *l = load(WEIR_MODE_ENFORCE, 5, 64);
    static struct weir_frame frame;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        weir_loader_test_clock(l, NOW + i * 100 * SECOND, 0);
        weir_packet_build(&plain, &frame);
        (void)run_packet(l, hooks[i], &plain);
        assert_true(run_packet(l, hooks[i], &xmas));
        (void)run_packet(l, hooks[i], &stranger);
        (void)run_packet(l, hooks[i], &plain);
        (void)run_packet(l, WEIR_HOOK_TC_EGRESS, &answer);
        for (int n = 0; n < 5; n++)
            (void)run_packet(l, hooks[i], &xmas);
        read_all(l);
        assert_int_equal(kept.n, 5);
        assert_int_equal(kept.of[0].ev.note.flags, WEIR_PACKET_FIRST | WEIR_PACKET_DROPPED);
        assert_int_equal(kept.of[0].ev.note.drop, WEIR_DROP_DETECTION);
        assert_int_equal(kept.of[0].ev.note.detection, WEIR_DET_SCAN_XMAS);
        assert_int_equal(kept.of[0].ev.note.action, WEIR_ACTION_DROP);
        assert_int_equal(kept.of[0].ev.note.hook, hooks[i]);
        assert_int_equal(kept.of[0].ev.ts_ns, NOW + i * 100 * SECOND);
        assert_int_equal(kept.of[1].ev.note.detection, 0);
        assert_int_equal(kept.of[1].ev.note.cap, frame.wire);
        assert_memory_equal(kept.of[1].b, frame.b, frame.wire);
        assert_int_equal(kept.of[2].ev.note.flags, WEIR_PACKET_EGRESS);
        assert_int_equal(kept.of[4].ev.note.flags, WEIR_PACKET_LAST | WEIR_PACKET_DROPPED);
        for (size_t n = 0; n < 5; n++) {
            assert_int_equal(kept.of[n].ev.watch, kept.of[0].ev.watch);
            assert_int_equal(kept.of[n].ev.number, i + 1);
        }
        assert_int_equal(read_counters(l, hooks[i]).n[WEIR_COUNTER_LOST_EVIDENCE], 0);
    }
    weir_loader_free(l);
}

/* Every size up to what a socket buffer may have, byte for byte. */
static void every_size_is_whole(void **state)
{
    static const __u32 payload[] = { 0, 1, 393, 394, 395, 1429, 1430, 1431, 3000 };
    struct weir_loader *l = load(WEIR_MODE_OBSERVE, 100, 64);
    static struct weir_frame frame;

    (void)state;
    for (size_t i = 0; i < sizeof(payload) / sizeof(payload[0]); i++) {
        const struct weir_packet p = { .tcp = { .flags = WEIR_FIN }, .payload_bytes = payload[i] };

        weir_loader_test_clock(l, NOW + i * 100 * SECOND, 0);
        weir_packet_build(&p, &frame);
        (void)run_packet(l, WEIR_HOOK_XDP, &p);
        read_all(l);
        assert_int_equal(kept.n, 1);
        assert_int_equal(kept.of[0].ev.note.wire, frame.wire);
        assert_int_equal(kept.of[0].ev.note.cap, frame.wire);
        assert_memory_equal(kept.of[0].b, frame.b, frame.wire < 2048 ? frame.wire : 2048);
    }
    weir_loader_free(l);
}

/* Of a banned source too, which the fast verdict drops unparsed. */
static void what_a_ban_drops_is_kept(void **state)
{
    struct weir_ban_entry ban = { .ban = { .kind = WEIR_BAN_BAN } };
    struct weir_loader *l = load(WEIR_MODE_ENFORCE, 100, 64);
    struct weir_recent *heads = calloc(weir_recent_size(l), sizeof(*heads));

    (void)state;
    assert_non_null(heads);
    assert_int_equal(weir_prefix_parse("192.0.2.10", &ban.prefix), 0);
    assert_true(run_packet(l, WEIR_HOOK_XDP, &xmas));
    assert_int_equal(weir_bans_set(l, &ban, 1, NULL, NULL), 0);
    assert_true(run_packet(l, WEIR_HOOK_XDP, &plain));
    assert_true(run_packet(l, WEIR_HOOK_XDP, PACKET(.eth = { .vlan = { 7 } })));
    read_all(l);
    assert_int_equal(kept.n, 3);
    for (size_t i = 1; i < 3; i++) {
        assert_int_equal(kept.of[i].ev.note.flags, WEIR_PACKET_DROPPED);
        assert_int_equal(kept.of[i].ev.note.drop, WEIR_DROP_BAN);
        assert_int_equal(kept.of[i].ev.note.detection, 0);
    }
    assert_int_equal(weir_recent_read(l, UINT64_MAX, heads), 1); /* a flood must not fill it */
    free(heads);
    weir_loader_free(l);
}

static void heads_of_the_newest(void **state)
{
    struct weir_loader *l = load(WEIR_MODE_OBSERVE, 4, 64);
    struct weir_recent *heads = calloc(weir_recent_size(l), sizeof(*heads));
    static struct weir_frame frame, small;
    uint64_t newest = 0;
    size_t n;

    (void)state;
    assert_non_null(heads);
    weir_packet_build(&plain, &frame);
    weir_packet_build(&stranger, &small);
    for (uint64_t i = 0; i < 1000; i++) {
        weir_loader_test_clock(l, NOW + i, 0);
        (void)run_packet(l, i % 2 ? WEIR_HOOK_XDP : WEIR_HOOK_TC_INGRESS,
                         i % 3 ? &plain : &stranger);
    }
    n = weir_recent_read(l, NOW + 999, heads);
    assert_in_range(n, 63, weir_recent_size(l)); /* of each CPU that was used */
    for (size_t i = 0; i < n; i++) {
        uint64_t which = heads[i].ts_ns - NOW;
        const struct weir_frame *want = which % 3 ? &frame : &small;

        assert_int_equal(heads[i].note.wire, want->wire);
        assert_int_equal(heads[i].note.cap, want->wire < 128 ? want->wire : 128);
        assert_memory_equal(heads[i].b, want->b, heads[i].note.cap);
        assert_int_equal(heads[i].note.hook, which % 2 ? WEIR_HOOK_XDP : WEIR_HOOK_TC_INGRESS);
        if (heads[i].ts_ns > newest)
            newest = heads[i].ts_ns;
    }
    assert_int_equal(newest, NOW + 998);
    free(heads);
    weir_loader_free(l);
}

/* More sources in a second than are followed: counted, and the next second follows more. */
static void many_sources_are_followed_by_and_by(void **state)
{
    struct weir_loader *l = load(WEIR_MODE_OBSERVE, 100, 64);
    static struct weir_frame frame;
    struct weir_counters n;

    (void)state;
    weir_packet_build(&xmas, &frame);
    for (int i = 0; i < 200; i++) {
        frame.b[14 + 15] = (__u8)i; /* last byte of the source */
        (void)run_frame(l, WEIR_HOOK_XDP, frame.b, frame.wire);
    }
    read_all(l);
    n = read_counters(l, WEIR_HOOK_XDP);
    assert_in_range(kept.n, 8, 8 * 8); /* of each CPU that was used */
    assert_int_equal(kept.n + n.n[WEIR_COUNTER_LOST_WATCH], 200);
    weir_loader_test_clock(l, NOW + 2 * SECOND, 0);
    (void)run_packet(l, WEIR_HOOK_XDP,
                     PACKET(.ip4 = { .src = "203.0.113.3" }, .tcp = { .flags = WEIR_FIN }));
    read_all(l);
    assert_int_equal(kept.n, 1);
    weir_loader_free(l);
}

static void a_full_ring_is_counted(void **state)
{
    struct weir_loader *l = load(WEIR_MODE_OBSERVE, 100000, 0);
    const struct weir_packet p = { .tcp = { .flags = WEIR_FIN }, .payload_bytes = 3000 };
    uint64_t lost;

    (void)state;
    for (int i = 0; i < 300; i++)
        (void)run_packet(l, WEIR_HOOK_XDP, &p);
    lost = read_counters(l, WEIR_HOOK_XDP).n[WEIR_COUNTER_LOST_EVIDENCE];
    assert_in_range(lost, 1, 299);
    weir_loader_free(l);
}

static void off_is_off(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_OBSERVE);

    (void)state;
    (void)run_packet(l, WEIR_HOOK_XDP, &xmas);
    read_all(l);
    assert_int_equal(kept.n, 0);
    assert_int_equal(kept.findings, 1);
    assert_int_equal(weir_recent_size(l), 0);
    weir_loader_free(l);
}

static void the_verifier_takes_it(void **state)
{
    struct weir_loader_config c = test_config();
    struct weir_loader *l;

    (void)state;
    c.flows_off = false;
    c.evidence_packets = 64;
    c.evidence_recent = 4096;
    l = load_with(&c);
    for (int hook = 0; hook < WEIR_HOOK_MAX; hook++) {
        uint32_t verified = weir_loader_verified(l, (enum weir_hook)hook);

        fprintf(stderr, "hook %d with evidence: %u processed\n", hook, verified);
        assert_in_range(verified, 1, VERIFIED_MAX);
    }
    weir_loader_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_from_the_incident_on),
        cmocka_unit_test(every_size_is_whole),
        cmocka_unit_test(what_a_ban_drops_is_kept),
        cmocka_unit_test(heads_of_the_newest),
        cmocka_unit_test(many_sources_are_followed_by_and_by),
        cmocka_unit_test(a_full_ring_is_counted),
        cmocka_unit_test(off_is_off),
        cmocka_unit_test(the_verifier_takes_it),
    };
    int r = privileged_or_skip();

    return r ? r : cmocka_run_group_tests(tests, NULL, NULL);
}
