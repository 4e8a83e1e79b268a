/* SPDX-License-Identifier: Apache-2.0 */

/* Bans, deny lists and the allow list, by what happens to packets. */

#include "prog/host.h"

#define NOW (1000 * SECOND)

static const enum weir_hook hooks[] = { WEIR_HOOK_XDP, WEIR_HOOK_TC_INGRESS };

static struct weir_ban_entry entry(const char *prefix, struct weir_ban ban)
{
    struct weir_ban_entry e = { .ban = ban };

    assert_int_equal(weir_prefix_parse(prefix, &e.prefix), 0);
    return e;
}

/* kind left out: a ban. */
static void ban(struct weir_loader *l, const char *prefix, struct weir_ban b)
{
    struct weir_ban_entry e = entry(prefix, b);
    struct weir_error err = { 0 };

    if (!b.kind)
        e.ban.kind = WEIR_BAN_BAN;
    if (weir_bans_set(l, &e, 1, NULL, &err) < 0)
        fail_msg("%s", err.text);
}

static void lift(struct weir_loader *l, const char *prefix)
{
    struct weir_prefix p;

    assert_int_equal(weir_prefix_parse(prefix, &p), 0);
    assert_int_equal(weir_bans_remove(l, &p), 0);
}

static void allow(struct weir_loader *l, const char *prefix)
{
    struct weir_prefix p;

    if (prefix)
        assert_int_equal(weir_prefix_parse(prefix, &p), 0);
    assert_int_equal(weir_allow_set(l, &p, prefix ? 1 : 0, NULL), 0);
}

/* Dropped at both hooks, or passed at both. */
static bool dropped(struct weir_loader *l, const struct weir_packet *p)
{
    bool xdp = run_packet(l, WEIR_HOOK_XDP, p);

    assert_int_equal(run_packet(l, WEIR_HOOK_TC_INGRESS, p), xdp);
    return xdp;
}

static bool drops4(struct weir_loader *l, const char *src)
{
    return dropped(l, PACKET(.ip4 = { .src = src }));
}

static bool drops6(struct weir_loader *l, const char *src)
{
    return dropped(l, PACKET6(.ip6 = { .src = src }));
}

static void exact(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);

    (void)state;
    assert_false(drops4(l, "192.0.2.66"));
    ban(l, "192.0.2.66", (struct weir_ban){ 0 });
    ban(l, "2001:db8::66", (struct weir_ban){ 0 });
    assert_true(drops4(l, "192.0.2.66"));
    assert_false(drops4(l, "192.0.2.67"));
    assert_true(drops6(l, "2001:db8::66"));
    assert_false(drops6(l, "2001:db8::67"));
    lift(l, "192.0.2.66");
    lift(l, "2001:db8::66");
    assert_false(drops4(l, "192.0.2.66"));
    assert_false(drops6(l, "2001:db8::66"));
    weir_loader_free(l);
}

static void longest_prefix(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);
    const struct weir_ban deny = { .kind = WEIR_BAN_DENY };

    (void)state;
    ban(l, "198.51.100.0/24", deny);
    ban(l, "2001:db8:5::/48", deny);
    assert_true(drops4(l, "198.51.100.7"));
    assert_false(drops4(l, "198.51.101.7"));
    assert_true(drops6(l, "2001:db8:5::1"));
    assert_false(drops6(l, "2001:db8:6::1"));
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(read_counters(l, hooks[i]).n[WEIR_COUNTER_DROP_DENY], 2);
    lift(l, "198.51.100.0/24");
    assert_false(drops4(l, "198.51.100.7"));
    weir_loader_free(l);
}

/* An address behind a VLAN tag, and behind IPv6 extension headers, is found by the parser. */
static void behind_headers(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);

    (void)state;
    ban(l, "192.0.2.66", (struct weir_ban){ 0 });
    ban(l, "2001:db8::66", (struct weir_ban){ .scope = WEIR_SCOPE_TCP });
    assert_true(dropped(l, PACKET(.eth = { .vlan = { 7 } }, .ip4 = { .src = "192.0.2.66" })));
    assert_true(
        dropped(l, PACKET6(.ip6 = { .src = "2001:db8::66", .ext = { { .type = DSTOPTS } } })));
    weir_loader_free(l);
}

static void scope(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);
    const struct weir_packet *udp = PACKET(.ip4 = { .src = "192.0.2.66" }, .l4 = L4_UDP);

    (void)state;
    ban(l, "192.0.2.66", (struct weir_ban){ .scope = WEIR_SCOPE_TCP });
    assert_true(drops4(l, "192.0.2.66"));
    assert_false(dropped(l, udp));
    ban(l, "192.0.2.66", (struct weir_ban){ .scope = WEIR_SCOPE_ALL });
    assert_true(dropped(l, udp));
    weir_loader_free(l);
}

/* SYNs alone, wherever they are found; an entry that says nothing hides none behind it. */
static void new_connections(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);
    const struct weir_packet *syn =
        PACKET(.ip4 = { .src = "192.0.2.66" }, .tcp = { .flags = WEIR_SYN });
    const struct weir_packet *tagged =
        PACKET(.eth = { .vlan = { 7 } }, .ip4 = { .src = "192.0.2.66" },
               .tcp = { .flags = WEIR_SYN });
    const struct weir_packet *answer =
        PACKET(.ip4 = { .src = "192.0.2.66" }, .tcp = { .flags = WEIR_SYN | WEIR_ACK });
    const struct weir_packet *udp = PACKET(.ip4 = { .src = "192.0.2.66" }, .l4 = L4_UDP);
    const struct weir_packet *syn6 =
        PACKET6(.ip6 = { .src = "2001:db8::66" }, .tcp = { .flags = WEIR_SYN });

    (void)state;
    ban(l, "192.0.2.66", (struct weir_ban){ .scope = WEIR_SCOPE_NEW });
    ban(l, "2001:db8::66", (struct weir_ban){ .scope = WEIR_SCOPE_NEW });
    assert_true(dropped(l, syn));
    assert_true(dropped(l, tagged));
    assert_true(dropped(l, syn6));
    assert_false(dropped(l, answer));
    assert_false(dropped(l, udp));
    assert_false(drops4(l, "192.0.2.66"));
    assert_false(drops6(l, "2001:db8::66"));
    ban(l, "192.0.2.0/24", (struct weir_ban){ 0 });
    assert_true(drops4(l, "192.0.2.66"));
    assert_true(dropped(l, udp));
    weir_loader_free(l);
}

static void expiry(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);

    (void)state;
    ban(l, "192.0.2.66", (struct weir_ban){ .expires_s = 1001 });
    ban(l, "192.0.2.0/24", (struct weir_ban){ .expires_s = 1002 });
    assert_true(drops4(l, "192.0.2.66"));
    weir_loader_test_clock(l, NOW + SECOND, 0);
    assert_true(drops4(l, "192.0.2.66")); /* the prefix still holds */
    weir_loader_test_clock(l, NOW + 2 * SECOND, 0);
    assert_false(drops4(l, "192.0.2.66"));
    assert_int_equal(weir_bans_expire(l, NOW + 2 * SECOND), 2);
    assert_int_equal(weir_bans_expire(l, NOW + 2 * SECOND), 0);
    weir_loader_free(l);
}

static void observe_only(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_OBSERVE);
    struct weir_counters c;

    (void)state;
    ban(l, "192.0.2.66", (struct weir_ban){ 0 });
    assert_false(drops4(l, "192.0.2.66"));
    c = read_counters(l, WEIR_HOOK_XDP);
    assert_int_equal(c.n[WEIR_COUNTER_WOULD_BAN], 1);
    assert_int_equal(c.n[WEIR_COUNTER_DROP_BAN], 0);
    assert_int_equal(c.outcome[WEIR_OUTCOME_TCP], 1); /* it went on to be inspected */
    weir_loader_mode_write(l, WEIR_MODE_ENFORCE);
    assert_true(drops4(l, "192.0.2.66"));
    weir_loader_free(l);
}

static void allow_beats_all(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);
    const struct weir_packet *null_scan =
        PACKET(.ip4 = { .src = "198.51.100.7" }, .tcp = { .flags = NO_FLAGS });
    const struct weir_ban deny = { .kind = WEIR_BAN_DENY };
    const struct weir_ban_entry inside =
        entry("198.51.100.7", (struct weir_ban){ .kind = WEIR_BAN_BAN });
    struct weir_prefix hole, found;
    size_t left_out = 0;

    (void)state;
    assert_int_equal(weir_prefix_parse("198.51.100.0/28", &hole), 0);
    ban(l, "198.51.100.0/24", deny);
    ban(l, "198.51.100.7", (struct weir_ban){ 0 });
    assert_true(drops4(l, "198.51.100.7"));
    allow(l, "198.51.100.7"); /* after the ban */
    assert_false(drops4(l, "198.51.100.7"));
    assert_true(drops4(l, "198.51.100.8"));
    assert_int_equal(weir_bans_set(l, &inside, 1, &left_out, NULL), 0); /* before the ban */
    assert_int_equal(left_out, 1);
    assert_int_equal(weir_bans_remove(l, &inside.prefix), -ENOENT); /* the hole is no ban */
    assert_false(drops4(l, "198.51.100.7"));
    allow(l, "198.51.100.0/28");
    assert_int_equal(weir_allow_find(l, inside.prefix.addr, &found), 0);
    assert_memory_equal(&found, &hole, sizeof(hole));
    assert_int_equal(weir_bans_remove(l, &hole), -ENOENT);
    assert_false(drops4(l, "198.51.100.7"));
    allow(l, "198.51.100.7");
    assert_false(dropped(l, null_scan)); /* nor does a detection drop it */
    assert_int_equal(read_counters(l, WEIR_HOOK_XDP).n[WEIR_COUNTER_SPARED], 1);
    allow(l, NULL);
    assert_int_equal(weir_allow_find(l, inside.prefix.addr, &found), -ENOENT);
    assert_true(drops4(l, "198.51.100.7"));
    assert_true(dropped(l, null_scan));
    weir_loader_free(l);
}

static int count_entry(const struct weir_ban_entry *e, void *arg)
{
    size_t *n = arg;

    assert_int_equal(e->ban.reason, WEIR_REASON_LIST);
    assert_int_equal(e->prefix.bits, 120);
    (*n)++;
    return 0;
}

static void many_prefixes(void **state)
{
    enum {
        N = 100000
    };
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);
    struct weir_ban_entry *e = calloc(N, sizeof(*e));
    struct weir_error err = { 0 };
    size_t n = 0;

    (void)state;
    assert_non_null(e);
    for (uint32_t i = 0; i < N; i++) {
        e[i] = entry("10.0.0.0/24",
                     (struct weir_ban){ .kind = WEIR_BAN_DENY, .reason = WEIR_REASON_LIST });
        e[i].prefix.addr[12] = (uint8_t)(10 + (i >> 16));
        e[i].prefix.addr[13] = (uint8_t)(i >> 8);
        e[i].prefix.addr[14] = (uint8_t)i;
    }
    if (weir_bans_set(l, e, N, NULL, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(weir_bans_each(l, count_entry, &n), 0);
    assert_int_equal(n, N);
    assert_true(drops4(l, "11.7.8.9"));
    assert_false(drops4(l, "12.7.8.9"));
    free(e);
    weir_loader_free(l);
}

static void full_map_says_so(void **state)
{
    struct weir_loader_config c = test_config();
    struct weir_ban_entry e = entry("192.0.2.1", (struct weir_ban){ .kind = WEIR_BAN_BAN });
    struct weir_loader *l;
    struct weir_error err = { 0 };
    int r = 0;

    (void)state;
    c.bans = 64;
    l = load_with(&c);
    for (uint8_t i = 0; r == 0 && i < 255; i++) {
        e.prefix.addr[15] = i;
        r = weir_bans_set(l, &e, 1, NULL, &err);
    }
    assert_int_equal(r, -E2BIG);
    assert_non_null(strstr(err.text, "limits.bans"));
    weir_loader_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact),           cmocka_unit_test(longest_prefix),
        cmocka_unit_test(behind_headers),  cmocka_unit_test(scope),
        cmocka_unit_test(new_connections), cmocka_unit_test(expiry),
        cmocka_unit_test(observe_only),    cmocka_unit_test(allow_beats_all),
        cmocka_unit_test(many_prefixes),   cmocka_unit_test(full_map_says_so),
    };
    int r = privileged_or_skip();

    return r ? r : cmocka_run_group_tests(tests, NULL, NULL);
}
