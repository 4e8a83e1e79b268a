/* SPDX-License-Identifier: Apache-2.0 */

/* A policy in replay: what it makes of packets that were captured. */

#include "harness/capture_file.h"
#include "harness/policy.h"
#include "harness/talk.h"
#include "replay/replay.h"

#include <unistd.h>

#define XMAS(...)                                                                                  \
    PACKET(__VA_ARGS__ __VA_OPT__(, ).tcp = { .flags = WEIR_FIN | WEIR_PSH | WEIR_URG })

static char out[1 << 20], err[1 << 16];

static void slurp(FILE *f, char *to, size_t size)
{
    rewind(f);
    to[fread(to, 1, size - 1, f)] = '\0';
    (void)fclose(f);
}

/* Replay the packets, a second apart. */
static void replay(const char *policy, const char *list, const struct weir_packet *const *p)
{
    struct weir_replay_options o = { .json = true,
                                     .memory_bytes = WEIR_REPLAY_MEMORY_MIN,
                                     .files = 1,
                                     .out = tmpfile(),
                                     .err = tmpfile() };
    struct capture_file f;
    char *path = f.path;

    o.paths = &path;
    capture_file_make(&f);
    capture_file_pcap(&f, false, 1);
    for (__u32 second = 100; *p; second++)
        capture_file_record(&f, second, 0, *p++);
    o.policy = policy ? policy_good(policy, list) : NULL;
    assert_int_equal(weir_replay(&o), 0);
    weir_settings_free(o.policy);
    slurp(o.out, out, sizeof(out));
    slurp(o.err, err, sizeof(err));
    capture_file_remove(&f);
}

#define REPLAY(policy, list, ...)                                                                  \
    replay(policy, list, (const struct weir_packet *const[]){ __VA_ARGS__, NULL })

static unsigned long counted(const char *name)
{
    char text[64];
    const char *at;

    (void)snprintf(text, sizeof(text), "\"%s\":", name);
    at = strstr(out, "\"event_type\":\"stats\"");
    at = at ? strstr(at, text) : NULL;
    if (!at)
        fail_msg("no %s in %s", name, out);
    return strtoul(at + strlen(text), NULL, 10);
}

static unsigned occurrences(const char *what)
{
    unsigned n = 0;

    for (const char *at = out; (at = strstr(at, what)); at++)
        n++;
    return n;
}

static void actions_and_mode(void **state)
{
    (void)state;
    REPLAY(NULL, NULL, XMAS());
    assert_int_equal(occurrences("\"action\":\"alert\",\"enforced\":false"), 1);
    assert_int_equal(counted("would_drop"), 1);
    assert_null(strstr(err, "Policy:"));
    REPLAY("mode: enforce", NULL, XMAS());
    assert_int_equal(occurrences("\"action\":\"blocked\""), 1);
    assert_int_equal(occurrences("\"enforced\":true"), 1);
    assert_int_equal(counted("dropped"), 1);
    assert_int_equal(counted("would_drop"), 0);
    assert_non_null(strstr(err, "Policy:        p, mode enforce\nDropped:       1 for a finding"));
    REPLAY("detections: {scan.xmas: off, integrity.no_flags: off, "
           "integrity.flags_without_ack: off, integrity.urgent_pointer: off}",
           NULL, XMAS());
    assert_int_equal(occurrences("\"event_type\":\"alert\""), 0);
    REPLAY("mode: enforce\ndetections: {scan.xmas: count}", NULL, XMAS());
    assert_int_equal(occurrences("\"detection\":\"scan.xmas\""), 0);
    assert_int_equal(counted("scan.xmas"), 1);
    assert_non_null(strstr(err, "Counted:       scan.xmas 1"));
}

static void zones_by_vlan(void **state)
{
    (void)state;
    REPLAY("mode: enforce\n"
           "zones:\n"
           "- {name: office, match: {vlan: 7}, mode: observe}\n"
           "- {name: quiet, match: {vlan: 8}, detections: {scan.xmas: count}}\n"
           "- {name: port, match: {interface: eth0}, detections: {scan.xmas: off}}\n",
           NULL, XMAS(), XMAS(.eth = { .vlan = { 7 } }), XMAS(.eth = { .vlan = { 7, 8 } }),
           XMAS(.eth = { .vlan = { 8, 7 } }));
    assert_int_equal(counted("dropped"), 2); /* in 8 for what else is wrong with it */
    assert_int_equal(counted("would_drop"), 2);
    assert_int_equal(counted("scan.xmas"), 4);
    assert_non_null(strstr(err, "zones[2].match.interface: eth0: a capture has no interfaces"));
}

static void deny_and_allow(void **state)
{
    const char *policy = "mode: enforce\n"
                         "allow: [198.51.100.7, 2001:db8:5::/64]\n"
                         "deny: [198.51.100.0/24, {file: x.netset}, 2001:db8:5::/48]\n"
                         "zones: [{name: office, match: {vlan: 7}, mode: observe}]\n";

    (void)state;
    REPLAY(policy, "203.0.113.0/24\n203.0.113.9\n", XMAS(.ip4 = { .src = "198.51.100.6" }),
           XMAS(.ip4 = { .src = "198.51.100.7" }), XMAS(.ip4 = { .src = "198.51.101.0" }),
           PACKET(.ip4 = { .src = "203.0.113.10" }), PACKET6(.ip6 = { .src = "2001:db8:5:1::1" }),
           PACKET6(.ip6 = { .src = "2001:db8:5::1" }),
           XMAS(.ip4 = { .src = "198.51.100.6" }, .eth = { .vlan = { 7 } }));
    assert_int_equal(counted("pkts"), 7);
    assert_int_equal(counted("denied"), 3);
    assert_int_equal(counted("would_deny"), 1);
    assert_int_equal(counted("spared"), 1);
    assert_int_equal(counted("dropped"), 1);
    assert_int_equal(counted("would_drop"), 1); /* in the zone that observes */
    assert_int_equal(counted("tcp"), 4);        /* what is denied is not inspected */
    REPLAY("mode: enforce\ndeny: [\"::/0\"]", NULL, PACKET(), PACKET6());
    assert_int_equal(counted("denied"), 1);
}

/* A tunnel's sender and the one inside are asked, and allowed, each. */
static void lists_look_into_tunnels(void **state)
{
    const __u8 gre[] = { 0, 0, 0x08, 0x00 };
    const struct weir_packet *tunnel =
        PACKET(.ip4 = { .src = "192.0.2.1", .proto = 47 }, .l4 = L4_OTHER, .proto = 47,
               .payload = { gre, sizeof(gre) }, .inside = PACKET(.ip4 = { .src = "10.0.0.1" }));

    (void)state;
    REPLAY("mode: enforce\ndeny: [10.0.0.0/8]", NULL, tunnel);
    assert_int_equal(counted("denied"), 1);
    assert_int_equal(counted("gre"), 1);
    REPLAY("mode: enforce\ndeny: [192.0.2.0/24, 10.0.0.0/8]", NULL, tunnel);
    assert_int_equal(counted("denied"), 1);
    REPLAY("mode: enforce\nallow: [192.0.2.1]\ndeny: [10.0.0.0/8]", NULL, tunnel);
    assert_int_equal(counted("denied"), 0);
    REPLAY("deny: [192.0.2.0/24, 10.0.0.0/8]", NULL, tunnel);
    assert_int_equal(counted("would_deny"), 1);
}

#define TAGGED .eth = { .vlan = { 9 } }
#define BEYOND_ITS_WINDOW                                                                          \
    CLIENT((.flags = WEIR_SYN, .seq = C0), TAGGED),                                                \
        SERVER((.flags = WEIR_SYN | WEIR_ACK, .seq = S0, .ack = C0 + 1), TAGGED),                  \
        CLIENT((.seq = C0 + 1, .ack = S0 + 1, .window = 502), TAGGED),                             \
        SERVER((.seq = S0 + 300001, .ack = C0 + 1), TAGGED, .payload_bytes = 10)

static void liberal_zones(void **state)
{
    (void)state;
    REPLAY("zones: [{name: a, match: {vlan: 9}}]", NULL, BEYOND_ITS_WINDOW);
    assert_int_equal(occurrences("\"detection\":\"seq.out_of_window\""), 1);
    REPLAY("zones: [{name: a, match: {vlan: 9}, check: liberal}]", NULL, BEYOND_ITS_WINDOW);
    assert_int_equal(occurrences("\"event_type\":\"alert\""), 0);
}

static void protect_tells_directions(void **state)
{
    (void)state;
    REPLAY("mode: enforce\nprotect: [192.0.2.0/24, 203.0.113.0/24]\ndeny: [192.0.2.10]", NULL,
           PACKET(), PACKET(.ip4 = { .src = "192.0.2.10", .dst = "203.0.113.1" }));
    assert_non_null(strstr(err, "protect of the policy; 1 packets in, 1 out"));
    assert_int_equal(counted("denied"), 1); /* of what it sends out nothing is denied */
}

/* More sources than the policy's limit has room for: each count stays exact. */
static void limit_of_incidents(void **state)
{
    struct weir_host h;
    struct weir_settings *s = policy_good("limits: {incidents: 4096}", NULL);

    (void)state;
    assert_int_equal(weir_host_init(&h, 64 << 20, s, NULL, NULL, NULL), 0);
    assert_int_equal(weir_incidents_stats(h.incidents).size, 4096);
    weir_host_free(&h);
    weir_settings_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(actions_and_mode),
        cmocka_unit_test(zones_by_vlan),
        cmocka_unit_test(deny_and_allow),
        cmocka_unit_test(lists_look_into_tunnels),
        cmocka_unit_test(protect_tells_directions),
        cmocka_unit_test(limit_of_incidents),
        cmocka_unit_test(liberal_zones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
