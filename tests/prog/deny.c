/* SPDX-License-Identifier: Apache-2.0 */

/* Deny lists as a whole: replaced while packets flow, beside bans and under the allow list. */

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "prog/host.h"

#define MANY 100000

static struct weir_ban_entry denied(const char *prefix, uint16_t reason)
{
    struct weir_ban_entry e = { .ban = { .kind = WEIR_BAN_DENY, .reason = reason } };

    assert_int_equal(weir_prefix_parse(prefix, &e.prefix), 0);
    return e;
}

/* Prefixes in their order, parted by blanks. */
static void deny(struct weir_loader *l, const char *list)
{
    struct weir_ban_entry e[16];
    struct weir_error err = { 0 };
    char copy[256], *save = NULL;
    size_t n = 0;

    (void)snprintf(copy, sizeof(copy), "%s", list);
    for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
        e[n++] = denied(w, WEIR_REASON_LIST);
    if (weir_deny_set(l, e, n, &err) < 0)
        fail_msg("%s", err.text);
}

static void ban(struct weir_loader *l, const char *prefix, uint32_t expires_s)
{
    struct weir_ban_entry e = { .ban = { .kind = WEIR_BAN_BAN, .expires_s = expires_s } };

    assert_int_equal(weir_prefix_parse(prefix, &e.prefix), 0);
    assert_int_equal(weir_bans_set(l, &e, 1, NULL, NULL), 0);
}

static int lift(struct weir_loader *l, const char *prefix)
{
    struct weir_prefix p;

    assert_int_equal(weir_prefix_parse(prefix, &p), 0);
    return weir_bans_remove(l, &p);
}

static void allow(struct weir_loader *l, const char *prefix)
{
    struct weir_prefix p;

    if (prefix)
        assert_int_equal(weir_prefix_parse(prefix, &p), 0);
    assert_int_equal(weir_allow_set(l, &p, prefix ? 1 : 0, NULL), 0);
}

static bool drops(struct weir_loader *l, const char *src)
{
    return run_packet(l, WEIR_HOOK_XDP, PACKET(.ip4 = { .src = src }));
}

static bool drops6(struct weir_loader *l, const char *src)
{
    return run_packet(l, WEIR_HOOK_XDP, PACKET6(.ip6 = { .src = src }));
}

static void list_replaces_list(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);

    (void)state;
    deny(l, "192.0.2.0/24 198.51.100.7 2001:db8:5::/48 2001:db8:6::1");
    assert_true(drops(l, "192.0.2.1") && drops(l, "198.51.100.7"));
    assert_true(drops6(l, "2001:db8:5::9") && drops6(l, "2001:db8:6::1"));
    deny(l, "198.51.100.7 198.51.100.8 2001:db8:6::/48");
    assert_false(drops(l, "192.0.2.1") || drops6(l, "2001:db8:5::9"));
    assert_true(drops(l, "198.51.100.7") && drops(l, "198.51.100.8"));
    assert_true(drops6(l, "2001:db8:6::1") && drops6(l, "2001:db8:6::2"));
    deny(l, "");
    assert_false(drops(l, "198.51.100.7") || drops6(l, "2001:db8:6::1"));
    weir_loader_free(l);
}

static int find_entry(const struct weir_ban_entry *entry, void *arg)
{
    struct weir_ban_entry *e = arg;

    if (memcmp(&entry->prefix, &e->prefix, sizeof(e->prefix)) != 0)
        return 0;
    *e = *entry;
    return 1;
}

static struct weir_ban read_entry(struct weir_loader *l, const char *prefix)
{
    struct weir_ban_entry e = { 0 };

    assert_int_equal(weir_prefix_parse(prefix, &e.prefix), 0);
    assert_int_equal(weir_bans_each(l, find_entry, &e), 1);
    return e.ban;
}

static void what_stays_keeps_its_count(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);
    struct weir_ban_entry other = denied("198.51.100.7", WEIR_REASON_LIST + 3);

    (void)state;
    deny(l, "192.0.2.0/24 198.51.100.7");
    assert_true(drops(l, "198.51.100.7") && drops(l, "192.0.2.1"));
    deny(l, "192.0.2.0/24 198.51.100.7 198.51.100.8");
    assert_int_equal(read_entry(l, "198.51.100.7").packets, 1);
    assert_int_equal(read_entry(l, "192.0.2.0/24").packets, 1);
    assert_int_equal(weir_deny_set(l, &other, 1, NULL), 0);
    assert_int_equal(read_entry(l, "198.51.100.7").reason, WEIR_REASON_LIST + 3);
    weir_loader_free(l);
}

/* A ban of the same prefix goes over the deny list's entry, and gives it back. */
static void bans_beside(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);

    (void)state;
    ban(l, "192.0.2.7", 0);
    deny(l, "192.0.2.7 198.51.100.0/24");
    assert_int_equal(read_entry(l, "192.0.2.7").kind, WEIR_BAN_BAN);
    ban(l, "198.51.100.0/24", 1010);
    assert_int_equal(lift(l, "192.0.2.7"), 0);
    assert_int_equal(read_entry(l, "192.0.2.7").kind, WEIR_BAN_DENY);
    assert_int_equal(lift(l, "192.0.2.7"), -ENOENT); /* that is not for `weir unban` */
    assert_true(drops(l, "192.0.2.7"));
    assert_int_equal(weir_bans_expire(l, 1011 * SECOND), 1);
    assert_int_equal(read_entry(l, "198.51.100.0/24").kind, WEIR_BAN_DENY);
    ban(l, "192.0.2.7", 0);
    deny(l, "");
    assert_true(drops(l, "192.0.2.7")); /* the ban outlives the list */
    assert_int_equal(lift(l, "192.0.2.7"), 0);
    assert_false(drops(l, "192.0.2.7"));
    weir_loader_free(l);
}

static void allow_is_resolved_again(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);

    (void)state;
    allow(l, "192.0.2.0/25");
    deny(l, "192.0.2.0/24 192.0.2.7 192.0.2.200");
    assert_false(drops(l, "192.0.2.7"));
    assert_true(drops(l, "192.0.2.200") && drops(l, "192.0.2.201"));
    allow(l, "192.0.2.200");
    assert_false(drops(l, "192.0.2.200"));
    assert_true(drops(l, "192.0.2.201"));
    deny(l, "192.0.2.0/24 192.0.2.7 192.0.2.200");
    assert_true(drops(l, "192.0.2.7"));
    assert_false(drops(l, "192.0.2.200"));
    allow(l, NULL);
    deny(l, "192.0.2.0/24 192.0.2.7 192.0.2.200");
    assert_true(drops(l, "192.0.2.200"));
    weir_loader_free(l);
}

static struct weir_ban_entry *many(uint32_t from, bool prefixes)
{
    struct weir_ban_entry *e = calloc(MANY, sizeof(*e));

    assert_non_null(e);
    for (uint32_t i = 0; i < MANY; i++) {
        uint32_t v = from + i;

        e[i] = denied("10.0.0.0", WEIR_REASON_LIST);
        e[i].prefix.bits = prefixes ? 120 : 128;
        if (prefixes)
            v <<= 8;
        e[i].prefix.addr[12] = (uint8_t)(10 + (v >> 24));
        e[i].prefix.addr[13] = (uint8_t)(v >> 16);
        e[i].prefix.addr[14] = (uint8_t)(v >> 8);
        e[i].prefix.addr[15] = (uint8_t)v;
    }
    return e;
}

static double seconds(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Half of 100,000 prefixes by others. */
static void long_lists(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);
    struct weir_ban_entry *a = many(0, true), *b = many(MANY / 2, true);
    double t[4];

    (void)state;
    t[0] = seconds();
    assert_int_equal(weir_deny_set(l, a, MANY, NULL), 0);
    t[1] = seconds();
    assert_int_equal(weir_deny_set(l, b, MANY, NULL), 0);
    t[2] = seconds();
    assert_int_equal(weir_deny_set(l, b, MANY, NULL), 0);
    t[3] = seconds();
    print_message("100,000 prefixes: first %.3f s, half replaced %.3f s, the same %.3f s\n",
                  t[1] - t[0], t[2] - t[1], t[3] - t[2]);
    assert_false(drops(l, "10.0.1.9"));
    assert_true(drops(l, "11.0.0.9") && drops(l, "12.0.0.9"));
    assert_true(t[3] - t[0] < 20); /* sanitizers on a busy machine */
    free(a);
    free(b);
    weir_loader_free(l);
}

/* What does not fit is told before anything changes. */
static void too_long_changes_nothing(void **state)
{
    struct weir_loader_config c = test_config();
    struct weir_ban_entry *a = many(0, false), *b = many(MANY - 1000, false);
    struct weir_error e = { 0 };
    struct weir_policy policy;
    struct weir_loader *l;

    (void)state;
    c.bans = MANY;
    l = load_with(&c);
    weir_policy_default(&policy, WEIR_MODE_ENFORCE);
    assert_int_equal(weir_loader_policy_write(l, &policy, NULL), 0);
    ban(l, "192.0.2.1", 0);
    assert_int_equal(weir_lists_check(l, NULL, 0, a, MANY, NULL), -E2BIG);
    assert_int_equal(weir_lists_check(l, &a[7].prefix, 1, a, MANY, NULL), 0); /* allowed: not in */
    assert_int_equal(weir_lists_check(l, NULL, 0, a, MANY - 1, NULL), 0);
    assert_int_equal(weir_deny_set(l, a, MANY, &e), -E2BIG);
    assert_non_null(strstr(e.text, "100001 addresses"));
    assert_non_null(strstr(e.text, "limits.bans"));
    assert_false(drops(l, "10.0.0.1"));
    assert_int_equal(lift(l, "192.0.2.1"), 0);
    assert_int_equal(weir_deny_set(l, a, MANY, NULL), 0); /* to the last */
    assert_int_equal(weir_deny_set(l, b, MANY, NULL), 0); /* both at a time would not fit */
    assert_false(drops(l, "10.0.0.1"));
    assert_true(drops(l, "10.1.134.160") && drops(l, "10.3.0.0"));
    free(a);
    free(b);
    weir_loader_free(l);
}

struct changer {
    struct weir_loader *l;
    atomic_bool stop;
    int failed;
    atomic_uint rounds;
};

/* The denied source and the allowed one are in every list. */
static void *change(void *arg)
{
    struct changer *c = arg;
    struct weir_ban_entry e[3] = { denied("192.0.2.0/24", WEIR_REASON_LIST),
                                   denied("198.51.100.7", WEIR_REASON_LIST),
                                   denied("198.51.100.9", WEIR_REASON_LIST) };
    struct weir_prefix allowed[2];

    assert_int_equal(weir_prefix_parse("192.0.2.128/25", &allowed[0]), 0);
    assert_int_equal(weir_prefix_parse("203.0.113.0/24", &allowed[1]), 0);
    while (!atomic_load(&c->stop) && !c->failed) {
        unsigned odd = c->rounds++ & 1;

        e[0].ban.reason = (uint16_t)(WEIR_REASON_LIST + odd); /* replaced, not left */
        c->failed = weir_deny_set(c->l, e, 2 + odd, NULL);
        if (!c->failed)
            c->failed = weir_allow_set(c->l, allowed, 1 + odd, NULL);
    }
    return NULL;
}

static void what_stays_is_never_absent(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);
    struct changer c = { .l = l };
    pthread_t thread;
    double end;

    (void)state;
    deny(l, "192.0.2.0/24 198.51.100.7");
    allow(l, "192.0.2.128/25");
    assert_int_equal(pthread_create(&thread, NULL, change, &c), 0);
    for (end = seconds() + 1.5;
         seconds() < end || (atomic_load(&c.rounds) < 50 && seconds() < end + 60);) {
        assert_true(drops(l, "198.51.100.7") && drops(l, "192.0.2.1"));
        assert_false(drops(l, "192.0.2.200"));
    }
    atomic_store(&c.stop, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(c.failed, 0);
    print_message("%u rounds\n", c.rounds);
    assert_true(c.rounds >= 50);
    weir_loader_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_replaces_list),
        cmocka_unit_test(what_stays_keeps_its_count),
        cmocka_unit_test(bans_beside),
        cmocka_unit_test(allow_is_resolved_again),
        cmocka_unit_test(long_lists),
        cmocka_unit_test(too_long_changes_nothing),
        cmocka_unit_test(what_stays_is_never_absent),
    };
    int r = privileged_or_skip();

    return r ? r : cmocka_run_group_tests(tests, NULL, NULL);
}
