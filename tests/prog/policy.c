/* SPDX-License-Identifier: Apache-2.0 */

/* Policies in the kernel: zones, one image at a time, and lists that change under packets. */

#include <pthread.h>
#include <stdatomic.h>

#include "harness/policy.h"
#include "loader/table.h"
#include "policy/compile.h"
#include "prog/host.h"

/* Two rows hold for it, and neither needs the other. */
#define BOTH(...)                                                                                  \
    PACKET(.ip4 = { .field = 0x8000 __VA_OPT__(, ) __VA_ARGS__ }, .tcp = { .flags = NO_FLAGS })
#define NULL_SCAN(...) PACKET(__VA_ARGS__ __VA_OPT__(, ).tcp = { .flags = NO_FLAGS })
#define LOOPBACK 1 /* what the kernel's test run says an interface is */

static uint32_t ifindex_of(const char *name)
{
    return strcmp(name, "lo") ? 4711 : LOOPBACK;
}

static struct weir_image *image_of(const char *policy)
{
    struct weir_image *image = calloc(1, sizeof(*image));
    struct weir_settings *s = policy_good(policy, NULL);

    assert_non_null(image);
    weir_settings_compile(s, ifindex_of, image);
    weir_settings_free(s);
    return image;
}

static void apply(struct weir_loader *l, const char *policy)
{
    struct weir_image *image = image_of(policy);
    struct weir_error e = { 0 };

    if (weir_loader_image_apply(l, image, &e) < 0)
        fail_msg("%s\n%s", policy, e.text);
    free(image);
}

static void zones_by_vlan_and_interface(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_OBSERVE);

    (void)state;
    apply(l, "mode: enforce\n"
             "zones:\n"
             "- {name: office, match: {vlan: 7}, mode: observe}\n"
             "- {name: lab, match: {vlan: 8}, detections: {scan.null: alert, integrity.no_flags: "
             "alert}}\n"
             "- {name: elsewhere, match: {vlan: 9, interface: eth9}, mode: observe}\n"
             "- {name: here, match: {vlan: 10, interface: lo}, mode: observe}\n"
             "- {name: ten, match: {vlan: 10}}\n");
    assert_true(run_packet(l, WEIR_HOOK_XDP, NULL_SCAN()));
    assert_false(run_packet(l, WEIR_HOOK_XDP, NULL_SCAN(.eth = { .vlan = { 7 } })));
    assert_false(run_packet(l, WEIR_HOOK_XDP, NULL_SCAN(.eth = { .vlan = { 7, 8 } })));
    assert_false(run_packet(l, WEIR_HOOK_XDP, NULL_SCAN(.eth = { .vlan = { 8 } })));
    assert_false(run_packet(l, WEIR_HOOK_XDP, NULL_SCAN(.eth = { .vlan = { 8, 7 } })));
    assert_true(run_packet(l, WEIR_HOOK_XDP, NULL_SCAN(.eth = { .vlan = { 9 } })));
    assert_false(run_packet(l, WEIR_HOOK_XDP, NULL_SCAN(.eth = { .vlan = { 10 } })));
    apply(l, "mode: enforce\nzones: [{name: here, match: {interface: lo}, mode: observe},\n"
             "{name: seven, match: {vlan: 7}}]\n");
    assert_false(run_packet(l, WEIR_HOOK_XDP, NULL_SCAN()));
    assert_false(run_packet(l, WEIR_HOOK_TC_INGRESS, NULL_SCAN()));
    assert_false(run_packet(l, WEIR_HOOK_XDP, NULL_SCAN(.eth = { .vlan = { 9 } })));
    assert_true(run_packet(l, WEIR_HOOK_XDP, NULL_SCAN(.eth = { .vlan = { 7 } })));
    apply(l, "mode: enforce");
    assert_true(run_packet(l, WEIR_HOOK_XDP, NULL_SCAN()));
    weir_loader_free(l);
}

static void observing_zone_is_spared_by_bans(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_OBSERVE);
    struct weir_ban_entry ban = { .ban = { .kind = WEIR_BAN_BAN } };
    const struct weir_packet *plain = PACKET(), *office = PACKET(.eth = { .vlan = { 7 } });

    (void)state;
    assert_int_equal(weir_prefix_parse(PACKET_CLIENT4, &ban.prefix), 0);
    assert_int_equal(weir_bans_set(l, &ban, 1, NULL, NULL), 0);
    apply(l, "mode: enforce\nzones: [{name: office, match: {vlan: 7}, mode: observe}]");
    assert_true(run_packet(l, WEIR_HOOK_XDP, plain));
    assert_false(run_packet(l, WEIR_HOOK_XDP, office));
    assert_int_equal(read_counters(l, WEIR_HOOK_XDP).n[WEIR_COUNTER_DROP_BAN], 1);
    assert_int_equal(read_counters(l, WEIR_HOOK_XDP).n[WEIR_COUNTER_WOULD_BAN], 1);
    apply(l, "mode: enforce\nzones: [{name: here, match: {interface: lo}, mode: observe}]");
    assert_false(run_packet(l, WEIR_HOOK_XDP, plain));
    assert_false(run_packet(l, WEIR_HOOK_TC_INGRESS, plain));
    weir_loader_free(l);
}

/* `weir mode observe` is for all zones, and enforce gives each what its policy says. */
static void mode_is_above_zones(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_OBSERVE);
    const struct weir_packet *office = NULL_SCAN(.eth = { .vlan = { 7 } });
    struct caught c = { 0 };

    (void)state;
    apply(l, "mode: enforce\nzones: [{name: office, match: {vlan: 7}, mode: observe}]");
    weir_loader_mode_write(l, WEIR_MODE_OBSERVE);
    assert_false(run_packet(l, WEIR_HOOK_XDP, NULL_SCAN()));
    weir_loader_mode_write(l, WEIR_MODE_ENFORCE);
    assert_int_equal(weir_loader_mode(l), WEIR_MODE_ENFORCE);
    assert_true(run_packet(l, WEIR_HOOK_XDP, NULL_SCAN(.ip4 = { .src = "192.0.2.77" })));
    assert_false(run_packet(l, WEIR_HOOK_XDP, office));
    assert_int_equal(weir_events_read(l, catch_event, &c), 3);
    assert_int_equal(c.ev[0].action, WEIR_ACTION_ALERT); /* the catalogue's, by mode */
    assert_int_equal(c.ev[1].action, WEIR_ACTION_DROP);
    assert_int_equal(c.ev[1].flags & WEIR_EVENT_ENFORCED, WEIR_EVENT_ENFORCED);
    assert_int_equal(c.ev[2].action, WEIR_ACTION_ALERT);
    weir_loader_free(l);
}

static void row_that_is_off_is_not_counted(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_OBSERVE);

    (void)state;
    apply(l, "detections: {scan.null: off}\n"
             "zones: [{name: a, match: {vlan: 7}, detections: {scan.null: count}}]");
    assert_false(run_packet(l, WEIR_HOOK_XDP, NULL_SCAN()));
    assert_int_equal(read_counters(l, WEIR_HOOK_XDP).found[WEIR_ROW_SCAN_NULL], 0);
    assert_false(run_packet(l, WEIR_HOOK_XDP, NULL_SCAN(.eth = { .vlan = { 7 } })));
    assert_int_equal(read_counters(l, WEIR_HOOK_XDP).found[WEIR_ROW_SCAN_NULL], 1);
    weir_loader_free(l);
}

/* A refused image changes nothing. */
static void refused_is_as_before(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);
    struct weir_image *image = image_of("mode: observe");
    struct weir_error e = { 0 };

    (void)state;
    image->zone[WEIR_MODE_ENFORCE][0].rows++;
    assert_int_equal(weir_loader_image_apply(l, image, &e), -EINVAL);
    assert_non_null(strstr(e.text, "rows"));
    image->zone[WEIR_MODE_ENFORCE][0].rows--;
    image->rules = 1;
    image->rule[0].zone = 5;
    assert_int_equal(weir_loader_image_apply(l, image, NULL), -EINVAL);
    image->rules = 0;
    image->zones = WEIR_ZONES + 1;
    assert_int_equal(weir_loader_image_apply(l, image, NULL), -EINVAL);
    assert_int_equal(weir_loader_mode(l), WEIR_MODE_ENFORCE);
    assert_true(run_packet(l, WEIR_HOOK_XDP, NULL_SCAN()));
    free(image);
    weir_loader_free(l);
}

/* Rows that the programs left out come back, and go again; maps and events stay. */
static void programs_follow(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);
    struct caught c = { 0 };
    uint32_t all = weir_loader_verified(l, WEIR_HOOK_XDP), few;

    (void)state;
    assert_true(run_packet(l, WEIR_HOOK_XDP, NULL_SCAN()));
    apply(l, "mode: enforce\n"
             "detections: {scan.null: off, integrity.no_flags: off, integrity.martian_source: off, "
             "integrity.fragment_tiny: off, seq.tool_isn: off}");
    assert_int_equal(weir_loader_verified(l, WEIR_HOOK_XDP), all);
    assert_false(run_packet(l, WEIR_HOOK_XDP, NULL_SCAN()));
    assert_int_equal(weir_loader_image_trim(l, NULL), 0);
    few = weir_loader_verified(l, WEIR_HOOK_XDP);
    assert_true(few < all);
    assert_false(run_packet(l, WEIR_HOOK_XDP, NULL_SCAN()));
    assert_int_equal(read_counters(l, WEIR_HOOK_XDP).found[WEIR_ROW_SCAN_NULL], 1);
    apply(l, "mode: enforce");
    assert_int_equal(weir_loader_verified(l, WEIR_HOOK_XDP), all);
    assert_int_equal(weir_loader_image_trim(l, NULL), 0); /* nothing to do */
    assert_true(run_packet(l, WEIR_HOOK_XDP, NULL_SCAN()));
    assert_int_equal(read_counters(l, WEIR_HOOK_XDP).found[WEIR_ROW_SCAN_NULL], 2);
    assert_int_equal(weir_events_read(l, catch_event, &c), 2);
    assert_int_equal(c.ev[1].count, 2); /* the same incident */
    weir_loader_free(l);
}

struct flipper {
    struct weir_loader *l;
    const struct weir_image *image[2];
    atomic_bool stop;
    unsigned flips;
    int failed;
};

static void *flip(void *arg)
{
    struct flipper *f = arg;

    while (!atomic_load(&f->stop) && !f->failed)
        f->failed = weir_loader_image_apply(f->l, f->image[f->flips++ & 1], NULL);
    return NULL;
}

/* Off in both: the sums are wrong when the source changes, and the third row of the packet. */
#define ALIKE                                                                                      \
    "detections: {integrity.ip_checksum: off, integrity.tcp_checksum: off, integrity.no_flags: "   \
    "off, "

/* Two policies that agree in nothing: each packet's row, action, verdict, zone and counts must all
 * be of one of them. */
static void no_packet_sees_a_mix(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_OBSERVE);
    struct flipper f = {
        .l = l,
        .image = { image_of(ALIKE "scan.null: alert, integrity.ip_reserved_bit: off}\n"),
                   image_of("mode: enforce\n" ALIKE "scan.null: off}\n"
                            "zones: [{name: z, match: {interface: lo}, detections: "
                            "{integrity.ip_reserved_bit: ban}}]\n") },
    };
    struct weir_counters c;
    unsigned seen[2] = { 0 }, n = 0;
    static struct weir_frame frame;
    pthread_t thread;

    (void)state;
    assert_int_equal(weir_loader_image_apply(l, f.image[1], NULL), 0);
    weir_packet_build(BOTH(.src = "10.0.0.1"), &frame);
    weir_loader_test_clock(l, 1000 * SECOND, 0);
    assert_int_equal(pthread_create(&thread, NULL, flip, &f), 0);
    for (; n < 100000 && (seen[0] < 2000 || seen[1] < 2000 || f.flips < 60); n++) {
        struct caught caught = { 0 };
        bool dropped, second;

        /* A source of its own, so that each packet is an incident's first. */
        memcpy(frame.b + 14 + 13, &n, 3);
        dropped = run_frame(l, WEIR_HOOK_XDP, frame.b, frame.wire);
        assert_int_equal(weir_events_read(l, catch_event, &caught), 1);
        second = caught.ev[0].detection == WEIR_DET_INTEGRITY_IP_RESERVED_BIT;
        if (!second)
            assert_int_equal(caught.ev[0].detection, WEIR_DET_SCAN_NULL);
        assert_int_equal(dropped, second);
        assert_int_equal(caught.ev[0].action, second ? WEIR_ACTION_BAN : WEIR_ACTION_ALERT);
        assert_int_equal(!!(caught.ev[0].flags & WEIR_EVENT_ENFORCED), second);
        assert_int_equal(caught.ev[0].also[0] | caught.ev[0].also[1], 0);
        seen[second]++;
    }
    atomic_store(&f.stop, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(f.failed, 0);
    c = read_counters(l, WEIR_HOOK_XDP);
    print_message("%u packets, %u flips\n", n, f.flips);
    assert_true(seen[0] && seen[1] && f.flips >= 20);
    assert_int_equal(c.found[WEIR_ROW_SCAN_NULL], seen[0]);
    assert_int_equal(c.found[WEIR_ROW_INTEGRITY_IP_RESERVED_BIT], seen[1]);
    free((void *)f.image[0]);
    free((void *)f.image[1]);
    weir_loader_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zones_by_vlan_and_interface),
        cmocka_unit_test(observing_zone_is_spared_by_bans),
        cmocka_unit_test(mode_is_above_zones),
        cmocka_unit_test(row_that_is_off_is_not_counted),
        cmocka_unit_test(refused_is_as_before),
        cmocka_unit_test(programs_follow),
        cmocka_unit_test(no_packet_sees_a_mix),
    };
    int r = privileged_or_skip();

    return r ? r : cmocka_run_group_tests(tests, NULL, NULL);
}
