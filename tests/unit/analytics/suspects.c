/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analytics/suspects.h"
#include "base/addr.h"
#include "dataplane/scan.h"

#define SETS 4U
#define DAY 86400U
#define HOUR 3600U

static const struct weir_suspects_now now = { WEIR_TICKS(2 * DAY), 1800000000 };
static const struct weir_hash_key key = { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 } };

struct table {
    struct weir_ways ways[SETS];
    struct weir_source_set set[SETS];
    struct weir_suspects_table t;
};

static struct table *table_new(void)
{
    struct table *x = calloc(1, sizeof(*x));

    assert_non_null(x);
    x->t = (struct weir_suspects_table){ .ways = x->ways, .set = x->set, .sets = SETS };
    return x;
}

static struct weir_source *find(struct table *x, const struct weir_hash_key *k, const char *address)
{
    struct weir_contact c = { 0 };
    uint8_t addr[16];
    uint32_t at, way;

    assert_int_equal(weir_addr_parse(address, addr), 0);
    weir_source_key(c.source, addr, weir_addr_is_ip4(addr));
    c.hash = weir_hash_end(k, c.source, 0, weir_addr_is_ip4(addr));
    at = weir_set_index(c.hash, SETS - 1);
    way = (uint32_t)weir_source_find(&x->ways[at], &x->set[at], &c);
    return way < WEIR_WAYS ? &x->set[at].source[way] : NULL;
}

/* One that failed score / 2 times, its day so long ago. */
static void put(struct table *x, const char *address, int score, uint32_t age_s)
{
    struct weir_contact c = { 0 };
    struct weir_source *s;
    uint8_t addr[16];
    uint32_t at;

    assert_int_equal(weir_addr_parse(address, addr), 0);
    weir_source_key(c.source, addr, weir_addr_is_ip4(addr));
    c.hash = weir_hash_end(&key, c.source, 0, weir_addr_is_ip4(addr));
    at = weir_set_index(c.hash, SETS - 1);
    s = &x->set[at].source[weir_source_admit(&x->ways[at], &x->set[at], &c, now.tick)];
    s->score = (uint8_t)score;
    s->day = now.tick - WEIR_TICKS(age_s);
    for (int i = 0; i < score / 2; i++)
        weir_contacts_add(&s->day_failed, 40U * (uint32_t)i);
}

static long restore(struct table *x, const char *text, const struct weir_suspects_now *at,
                    struct weir_hash_key *ret_key, struct weir_error *e)
{
    FILE *f = fmemopen((void *)text, strlen(text), "r");
    long n;

    assert_non_null(f);
    n = weir_suspects_read(f, &x->t, ret_key, at, e);
    (void)fclose(f);
    return n;
}

static char *save(struct table *x, long expected)
{
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);

    assert_non_null(f);
    assert_int_equal(weir_suspects_write(f, &x->t, &key, &now), expected);
    (void)fclose(f);
    return text;
}

static void what_took_long_outlives_a_boot(void **state)
{
    struct table *before = table_new(), *after = table_new();
    struct weir_suspects_now boot = { WEIR_TICKS(20), now.s + HOUR };
    struct weir_hash_key k = { { 0 } };
    struct weir_error e = { 0 };
    struct weir_source *s;
    char *text;

    (void)state;
    put(before, "192.0.2.1", 6, 2 * HOUR);
    put(before, "2001:db8:1:2::", 10, DAY - 30 * 60); /* over at the boot */
    put(before, "2001:db8:1:3::", 10, HOUR);
    put(before, "192.0.2.2", 2, HOUR); /* one failure */
    put(before, "192.0.2.3", -4, HOUR);
    text = save(before, 3);
    assert_int_equal(restore(after, text, &boot, &k, &e), 2);
    assert_memory_equal(&k, &key, sizeof(k));
    assert_null(find(after, &k, "192.0.2.2"));
    assert_null(find(after, &k, "2001:db8:1:2::"));
    assert_non_null(find(after, &k, "2001:db8:1:3::5"));
    s = find(after, &k, "192.0.2.1");
    assert_non_null(s);
    assert_int_equal((int8_t)s->score, 6);
    assert_int_equal(weir_contacts_count(&s->day_failed), 3);
    assert_in_range(boot.tick - s->day, WEIR_TICKS(3 * HOUR - 2), WEIR_TICKS(3 * HOUR + 2));
    free(text);
    free(before);
    free(after);
}

/* Two failures more, and the test of before the boot goes on. */
static void the_test_goes_on(void **state)
{
    struct weir_suspects_now boot = { WEIR_TICKS(20), now.s + HOUR };
    struct table *before = table_new(), *after = table_new();
    struct weir_track t = { .tick = boot.tick };
    struct weir_contact c = { .kind = WEIR_CONTACT_SYN, .target = 7, .port = 1 };
    struct weir_hash_key k;
    struct weir_error e = { 0 };
    struct weir_source *s;
    char *text;

    (void)state;
    put(before, "192.0.2.1", 6, HOUR);
    text = save(before, 1);
    assert_int_equal(restore(after, text, &boot, &k, &e), 1);
    s = find(after, &k, "192.0.2.1");
    assert_non_null(s);
    (void)weir_source_note(&t, s, &c);
    assert_false(t.facts & WEIR_FACT_SCAN);
    c.kind = WEIR_CONTACT_REFUSED;
    (void)weir_source_note(&t, s, &c);
    assert_int_equal((int8_t)s->score, 8);
    c = (struct weir_contact){ .kind = WEIR_CONTACT_SYN, .target = 9, .port = 2 };
    (void)weir_source_note(&t, s, &c);
    assert_true(t.facts & WEIR_FACT_SCAN && t.scan.rows & WEIR_SCAN_SEQUENTIAL);
    free(text);
    free(before);
    free(after);
}

static void a_clock_set_back_keeps_it(void **state)
{
    const struct weir_suspects_now past = { WEIR_TICKS(20), 5 };
    struct table *before = table_new(), *after = table_new();
    struct weir_hash_key k;
    struct weir_error e = { 0 };
    char *text;

    (void)state;
    put(before, "192.0.2.1", 6, HOUR);
    text = save(before, 1);
    assert_int_equal(restore(after, text, &past, &k, &e), 1);
    assert_int_equal(find(after, &k, "192.0.2.1")->day, past.tick);
    free(text);
    free(before);
    free(after);
}

static void damage_is_named(void **state)
{
    static const char *const bad[] = {
        "192.0.2.1",
        "192.0.2.1\t1800000000\t1800000000\t6\t00",
        "192.0.2.1\t1800000000\t1800000000\t3\tH",
        "192.0.2.1\t1800000000\t1800000000\t61\tH",
        "192.0.2.1\t1800000000\t6\tH",
        "elsewhere\t1800000000\t1800000000\t6\tH",
        "",
    };
    char text[512], zeros[65];

    (void)state;
    memset(zeros, '0', 64);
    zeros[64] = '\0';
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct table *x = table_new();
        struct weir_hash_key k = key;
        struct weir_error e = { 0 };
        const char *h = strchr(bad[i], 'H');

        (void)snprintf(
            text, sizeof(text),
            "weir sources 1 %.64s%.32s\n192.0.2.9\t1800000000\t1800000000\t8\t%s\n%.*s%s\n", zeros,
            zeros, zeros, (int)(h ? h - bad[i] : (long)strlen(bad[i])), bad[i], h ? zeros : "");
        assert_int_equal(restore(x, text, &now, &k, &e), -EINVAL);
        assert_non_null(strstr(e.text, "line 3"));
        assert_non_null(find(x, &k, "192.0.2.9"));
        free(x);
    }
}

static void another_file_is_none(void **state)
{
    static const char *const bad[] = { "", "weir sources 2 00\n", "weir sources 1 00\n",
                                       "192.0.2.1\t0\tfine\n" };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct table *x = table_new();
        struct weir_hash_key k = key;
        struct weir_error e = { 0 };

        assert_int_equal(restore(x, *bad[i] ? bad[i] : "\n", &now, &k, &e), -EINVAL);
        assert_memory_equal(&k, &key, sizeof(k)); /* as it was */
        free(x);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_took_long_outlives_a_boot), cmocka_unit_test(the_test_goes_on),
        cmocka_unit_test(a_clock_set_back_keeps_it),      cmocka_unit_test(damage_is_named),
        cmocka_unit_test(another_file_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
