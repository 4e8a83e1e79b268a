/* SPDX-License-Identifier: Apache-2.0 */

/* Denied prefixes and their index against a list that is searched from end to end. */

#include <pthread.h>

#include "harness/random.h"
#include "loader/internal.h"
#include "loader/trie.h"
#include "prog/host.h"

#define NOW_S 1000
#define ENTRIES 600
#define PROBES 1500

/* No detection drops anything: only bans do. */
static struct weir_loader *load_enforcing(void)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);
    struct weir_policy policy = { .rows = WEIR_ROWS, .mode = WEIR_MODE_ENFORCE };

    assert_int_equal(weir_loader_policy_write(l, &policy, NULL), 0);
    return l;
}

struct model {
    struct weir_ban_entry e[ENTRIES];
    size_t n;
    struct weir_prefix allow[8];
    size_t allows;
};

/* Prefixes of all lengths, many inside one another: few addresses to start from. */
static struct weir_prefix random_prefix(struct weir_random *r, bool ip6)
{
    struct weir_prefix p = { 0 };
    __u8 addr[16];
    unsigned bits = weir_random_below(r, ip6 ? 129 : 33) + (ip6 ? 0 : 96);

    assert_int_equal(weir_addr_parse(ip6 ? "2001:db8:3:4::5" : "198.51.100.77", addr), 0);
    for (unsigned i = ip6 ? 0 : 12; i < 16; i++)
        if (weir_random_below(r, 8) == 0)
            addr[i] ^= (__u8)(1 << weir_random_below(r, 8));
    p.bits = (__u8)bits;
    for (unsigned bit = 0; bit < bits; bit++)
        p.addr[bit / 8] |= addr[bit / 8] & (0x80 >> bit % 8);
    return p;
}

static bool same_family(const struct weir_prefix *p, const __u8 addr[16])
{
    return (weir_addr_is_ip4(p->addr) && p->bits >= 96) == weir_addr_is_ip4(addr);
}

static bool holds(const struct weir_prefix *p, const __u8 addr[16])
{
    return same_family(p, addr) && weir_prefix_has(p, addr);
}

/* The longest entry that has not expired and is in scope. */
static bool model_drops(const struct model *m, const __u8 addr[16], bool is_tcp)
{
    for (size_t i = 0; i < m->allows; i++)
        if (holds(&m->allow[i], addr))
            return false;
    for (size_t i = 0; i < m->n; i++) {
        const struct weir_ban_entry *e = &m->e[i];

        if (holds(&e->prefix, addr) && (is_tcp || e->ban.scope == WEIR_SCOPE_ALL) &&
            (!e->ban.expires_s || e->ban.expires_s > NOW_S))
            return true;
    }
    return false;
}

static void probe(struct weir_loader *l, const struct model *m, struct weir_random *r, bool ip6)
{
    for (size_t i = 0; i < PROBES; i++) {
        struct weir_packet p = { .net = ip6 ? NET_IP6 : NET_IP4 };
        struct weir_prefix src = random_prefix(r, ip6);
        bool is_tcp = weir_random_below(r, 4);
        char text[WEIR_ADDR_TEXT];

        if (weir_random_below(r, 2)) /* mostly inside something */
            memcpy(src.addr, m->e[weir_random_below(r, (__u32)m->n)].prefix.addr, 16);
        if (weir_addr_is_ip4(src.addr) == ip6)
            continue;
        if (!is_tcp)
            p.l4 = L4_UDP;
        weir_addr_format(src.addr, text);
        if (ip6)
            p.ip6.src = text;
        else
            p.ip4.src = text;
        if (run_packet(l, WEIR_HOOK_XDP, &p) != model_drops(m, src.addr, is_tcp))
            fail_msg("%s, %s: expected to be %s", text, is_tcp ? "TCP" : "UDP",
                     model_drops(m, src.addr, is_tcp) ? "dropped" : "passed");
    }
}

static bool known(const struct model *m, const struct weir_prefix *p)
{
    for (size_t i = 0; i < m->n; i++)
        if (!memcmp(&m->e[i].prefix, p, sizeof(*p)))
            return true;
    return false;
}

static void fill(struct weir_loader *l, struct model *m, struct weir_random *r, size_t n)
{
    struct weir_error err = { 0 };

    m->n = 0;
    while (m->n < n) {
        struct weir_ban_entry *e = &m->e[m->n];
        const struct weir_prefix p = random_prefix(r, weir_random_below(r, 2));

        if (known(m, &p))
            continue;
        e->prefix = p;
        e->ban = (struct weir_ban){
            .kind = weir_random_below(r, 2) ? WEIR_BAN_DENY : WEIR_BAN_BAN,
            .scope = weir_random_below(r, 3) ? WEIR_SCOPE_ALL : WEIR_SCOPE_TCP,
            .expires_s = weir_random_below(r, 4) ? 0 : NOW_S - 1 + weir_random_below(r, 3),
        };
        m->n++;
    }
    if (weir_bans_set(l, m->e, m->n, NULL, &err) < 0)
        fail_msg("%s", err.text);
}

static void remove_some(struct weir_loader *l, struct model *m, struct weir_random *r)
{
    for (size_t i = 0; i < m->n;) {
        int found;

        if (weir_random_below(r, 3)) {
            i++;
            continue;
        }
        found = weir_bans_remove(l, &m->e[i].prefix);
        assert_true(found == 0 || found == -ENOENT); /* allowed: it was never entered */
        m->e[i] = m->e[--m->n];
    }
}

static void like_a_list(void **state)
{
    static struct model m;

    (void)state;
    for (__u64 seed = 1; seed <= 6; seed++) {
        struct weir_loader *l = load_enforcing();
        struct weir_random r = { seed };

        memset(&m, 0, sizeof(m));
        fprintf(stderr, "seed %llu\n", seed);
        fill(l, &m, &r, seed == 1 ? 20 : ENTRIES);
        probe(l, &m, &r, false);
        probe(l, &m, &r, true);
        for (; m.allows < 8; m.allows++) {
            m.allow[m.allows] = random_prefix(&r, m.allows & 1);
            if (m.allow[m.allows].bits < 8 || m.allow[m.allows].bits == 96)
                m.allow[m.allows].bits = 128;
        }
        assert_int_equal(weir_allow_set(l, m.allow, m.allows, NULL), 0);
        probe(l, &m, &r, false);
        probe(l, &m, &r, true);
        remove_some(l, &m, &r);
        probe(l, &m, &r, false);
        probe(l, &m, &r, true);
        weir_loader_free(l);
    }
}

/* 10.0.0.0/24 and on, 2001:db8::/48 and on. */
static struct weir_ban_entry numbered(__u32 i, bool ip6)
{
    struct weir_ban_entry e = { .prefix = { .bits = ip6 ? 48 : 120 },
                                .ban = { .kind = WEIR_BAN_DENY } };

    assert_int_equal(weir_addr_parse(ip6 ? "2001:db8::" : "10.0.0.0", e.prefix.addr), 0);
    e.prefix.addr[ip6 ? 4 : 13] = (__u8)(i >> 8);
    e.prefix.addr[ip6 ? 5 : 14] = (__u8)i;
    return e;
}

static size_t filter_bits(const struct weir_loader *l)
{
    size_t n = 0;

    for (size_t i = 0; i < WEIR_PREFIX6_FILTER_WORDS; i++)
        n += (size_t)__builtin_popcountll(l->index6.filter[i]);
    return n;
}

/* Bits of entries that are gone do not gather without end. */
static void index_forgets(void **state)
{
    enum {
        N = 4000,
        KEPT = 100
    };
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);
    static struct weir_ban_entry e[N];

    (void)state;
    for (__u32 i = 0; i < N; i++)
        e[i] = numbered(i, true);
    assert_int_equal(weir_bans_set(l, e, N, NULL, NULL), 0);
    assert_in_range(filter_bits(l), N - 10, N);
    for (__u32 i = KEPT; i < N; i++)
        assert_int_equal(weir_bans_remove(l, &e[i].prefix), 0);
    assert_in_range(filter_bits(l), KEPT, 1200);
    assert_true(run_packet(l, WEIR_HOOK_XDP, PACKET6(.ip6 = { .src = "2001:db8:63::1" })));
    assert_false(run_packet(l, WEIR_HOOK_XDP, PACKET6(.ip6 = { .src = "2001:db8:64::1" })));
    weir_loader_free(l);
}

/* Every /24 of 10.0.0.0/9 far from all others: it takes two nodes, and a /26 three. */
static struct weir_ban_entry far_apart(__u32 i, __u8 bits)
{
    struct weir_ban_entry e = numbered(0, false);

    e.prefix.addr[13] = (__u8)(i >> 1);
    e.prefix.addr[14] = (__u8)(i << 7);
    e.prefix.bits = bits;
    return e;
}

static size_t standing(struct weir_loader *l)
{
    return l->trie->list.n;
}

/* Room is neither lost nor overrun, whatever comes and goes. */
static void trie_keeps_its_room(void **state)
{
    enum {
        N = 200
    };
    struct weir_loader_config c = test_config();
    struct weir_ban_entry e[N + 1];
    struct weir_error err = { 0 };
    struct weir_loader *l;

    (void)state;
    c.prefixes = N;
    l = load_with(&c);
    for (__u32 i = 0; i <= N; i++)
        e[i] = far_apart(i, 120);
    for (int round = 0; round < 50; round++) {
        assert_int_equal(weir_bans_set(l, e, N, NULL, &err), 0);
        assert_int_equal(weir_bans_set(l, e, N, NULL, &err), 0); /* each replaced */
        assert_int_equal(weir_bans_set(l, e, N + 1, NULL, &err), -E2BIG);
        assert_int_equal(standing(l), N);
        for (__u32 i = 0; i < N; i++)
            assert_int_equal(weir_bans_remove(l, &e[i].prefix), 0);
    }
    assert_non_null(strstr(err.text, "limits.prefixes"));
    assert_int_equal(l->trie->used, 0);
    for (__u32 i = 0; i < N; i++)
        e[i] = far_apart(i, 122);
    assert_int_equal(weir_bans_set(l, e, N / 2, NULL, &err), 0);
    assert_int_equal(weir_bans_set(l, e, N, NULL, &err), -E2BIG); /* nodes */
    assert_int_equal(standing(l), N / 2);
    weir_loader_free(l);
}

struct churn {
    struct weir_loader *l;
    bool stop;
    unsigned rounds;
};

/* Everything but entry 0 comes and goes, and the index is built again and again. */
static void *churn(void *arg)
{
    enum {
        N = 1300
    };
    static struct weir_ban_entry e[N];
    struct churn *c = arg;

    for (__u32 i = 0; i < N; i++)
        e[i] = numbered(i + 1, false);
    while (!__atomic_load_n(&c->stop, __ATOMIC_RELAXED)) {
        if (weir_bans_set(c->l, e, N, NULL, NULL) < 0)
            break;
        for (__u32 i = 0; i < N; i++)
            if (weir_bans_remove(c->l, &e[i].prefix) < 0)
                return NULL;
        __atomic_add_fetch(&c->rounds, 1, __ATOMIC_RELAXED);
    }
    return NULL;
}

static void an_entry_that_stays_is_never_missed(void **state)
{
    struct weir_loader *l = load_in_mode(WEIR_MODE_ENFORCE);
    const struct weir_ban_entry stays = numbered(0, false);
    struct churn c = { .l = l };
    pthread_t thread;

    (void)state;
    assert_int_equal(weir_bans_set(l, &stays, 1, NULL, NULL), 0);
    assert_int_equal(pthread_create(&thread, NULL, churn, &c), 0);
    for (int i = 0; i < 10000000 && __atomic_load_n(&c.rounds, __ATOMIC_RELAXED) < 3; i++)
        assert_true(run_packet(l, WEIR_HOOK_XDP, PACKET(.ip4 = { .src = "10.0.0.9" })));
    __atomic_store_n(&c.stop, true, __ATOMIC_RELAXED);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_in_range(c.rounds, 3, 10);
    weir_loader_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(like_a_list),
        cmocka_unit_test(index_forgets),
        cmocka_unit_test(trie_keeps_its_room),
        cmocka_unit_test(an_entry_that_stays_is_never_missed),
    };
    int r = privileged_or_skip();

    return r ? r : cmocka_run_group_tests(tests, NULL, NULL);
}
