/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/usual.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "dataplane/dest_turn.h"
#include "harness/run.h"

#define SETS 4
#define CPUS 2

static struct weir_dest_set set[SETS];
static struct weir_dest_cpu part[SETS * WEIR_WAYS * CPUS];
static const struct weir_hash_key key;

static struct weir_usual_table table(void)
{
    memset(set, 0, sizeof(set));
    memset(part, 0, sizeof(part));
    return (struct weir_usual_table){ set, SETS, part, CPUS, &key };
}

static struct weir_usual usual(const char *addr, uint16_t port, uint32_t syn, uint32_t half)
{
    struct weir_usual u = {
        .port = port, .kind = port ? WEIR_DEST_SERVICE : WEIR_DEST_HOST, .syn = syn, .half = half
    };

    assert_int_equal(weir_addr_parse(addr, u.addr), 0);
    return u;
}

static struct weir_dest *only(void)
{
    struct weir_dest *s = NULL;

    for (unsigned i = 0; i < SETS * WEIR_WAYS; i++) {
        if (!set[i / WEIR_WAYS].ways.tag[i % WEIR_WAYS])
            continue;
        assert_null(s);
        s = &set[i / WEIR_WAYS].service[i % WEIR_WAYS];
    }
    assert_non_null(s);
    return s;
}

static void what_is_taught_is_listed(void **state)
{
    struct weir_usual_table t = table();
    struct weir_usual busy = usual("192.0.2.1", 443, 9000, 40), got[2];

    (void)state;
    assert_int_equal(weir_usual_teach(&t, &busy, 77), 0);
    assert_int_equal(weir_usual_list(&t, got, 2), 1);
    assert_memory_equal(&got[0], &busy, sizeof(busy));
    assert_in_range(weir_per_second(only()->syn_limit), 35990, 36010);
    busy.syn = 200; /* once more: the same record */
    assert_int_equal(weir_usual_teach(&t, &busy, 78), 0);
    assert_int_equal(only()->syn_limit, WEIR_SYN_LIMIT_LEAST);
    assert_int_equal(weir_usual_list(&t, got, 2), 1);
    assert_int_equal(got[0].syn, 200);
}

/* It goes on from there: what each CPU counted for the record's place before is no news. */
static void a_turn_later_it_still_holds(void **state)
{
    struct weir_usual_table t = table();
    struct weir_usual busy = usual("2001:db8::1", 80, 9000, 0);
    struct weir_dest_cpu sum = { 0 };
    struct weir_dest *s;

    (void)state;
    for (unsigned i = 0; i < SETS * WEIR_WAYS * CPUS; i++)
        part[i].seen[WEIR_SEEN_SYN] = 1000000;
    sum.seen[WEIR_SEEN_SYN] = CPUS * 1000000;
    assert_int_equal(weir_usual_teach(&t, &busy, 0), 0);
    s = only();
    assert_int_equal(weir_dest_turn(s, &sum, WEIR_TICKS(2), 2000000000), 1);
    assert_int_equal(weir_dest_rate(s, WEIR_SEEN_SYN), 0);
    assert_in_range(weir_per_second(s->syn_usual / 16), 8800, 9000);
    assert_int_equal(s->surging, 0);
}

static void what_no_table_holds_is_refused(void **state)
{
    struct weir_usual_table t = table();
    struct weir_usual u = usual("192.0.2.1", 443, WEIR_USUAL_MOST + 1, 0);

    (void)state;
    assert_int_equal(weir_usual_teach(&t, &u, 1), -EINVAL);
    u = usual("192.0.2.1", 443, 1, 0);
    u.kind = WEIR_DEST_HOST;
    assert_int_equal(weir_usual_teach(&t, &u, 1), -EINVAL);
    u.kind = WEIR_DEST_NET;
    assert_int_equal(weir_usual_teach(&t, &u, 1), -EINVAL);
    assert_int_equal(weir_usual_list(&t, &u, 1), 0);
}

static void a_full_table_says_so(void **state)
{
    struct weir_usual_table t = table();
    struct weir_usual got[SETS * WEIR_WAYS + 1];
    unsigned taken = 0, full = 0;

    (void)state;
    for (uint16_t port = 1; port <= 400; port++) {
        struct weir_usual u = usual("192.0.2.1", port, 5, 0);

        /* Evicted are records of before, never none. */
        switch (weir_usual_teach(&t, &u, 1)) {
        case 0:
            taken++;
            break;
        case -ENOSPC:
            full++;
            break;
        default:
            fail();
        }
    }
    assert_int_equal(taken + full, 400);
    assert_int_equal(weir_usual_list(&t, got, SETS * WEIR_WAYS + 1), SETS * WEIR_WAYS);
}

static void the_file_says_it_all(void **state)
{
    const struct weir_usual kept[] = { usual("192.0.2.1", 443, 9000, 40),
                                       usual("2001:db8::7", 0, 3, 0) };
    struct weir_usual got[3];
    struct weir_error e = { 0 };
    char text[256] = "";
    FILE *f = fmemopen(text, sizeof(text), "w");
    size_t n;

    (void)state;
    assert_int_equal(weir_usual_write(kept, 2, f), 0);
    assert_int_equal(fclose(f), 0);
    assert_string_equal(text, "service 192.0.2.1 443 9000 40\naddress 2001:db8::7 0 3 0\n");
    f = fmemopen(text, strlen(text), "r");
    assert_int_equal(weir_usual_read(f, "usual", got, 3, &n, &e), 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(n, 2);
    assert_memory_equal(got, kept, sizeof(kept));
    f = fmemopen(text, strlen(text), "r");
    assert_int_equal(weir_usual_read(f, "usual", got, 1, &n, &e), -EINVAL);
    assert_non_null(strstr(e.text, "usual:2"));
    assert_int_equal(fclose(f), 0);
}

static void a_bad_line_is_named(void **state)
{
    static const char *const bad[] = {
        "service 192.0.2.1 443 9000\n",      "service 192.0.2.1 443 9000 40 1\n",
        "server 192.0.2.1 443 9000 40\n",    "service 192.0.2.1 65536 1 1\n",
        "service 192.0.2.300 443 9000 40\n", "service 192.0.2.1 443 100000001 0\n",
        "service 192.0.2.1 443 -1 0\n",      "\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char text[128];
        struct weir_usual got[2];
        struct weir_error e = { 0 };
        size_t n;
        FILE *f;

        (void)snprintf(text, sizeof(text), "service 192.0.2.9 1 1 1\n%s", bad[i]);
        f = fmemopen(text, strlen(text), "r");
        if (weir_usual_read(f, "usual", got, 2, &n, &e) != -EINVAL || !strstr(e.text, "usual:2"))
            fail_msg("%s: %s", bad[i], e.text);
        assert_int_equal(fclose(f), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_taught_is_listed),
        cmocka_unit_test(a_turn_later_it_still_holds),
        cmocka_unit_test(what_no_table_holds_is_refused),
        cmocka_unit_test(a_full_table_says_so),
        cmocka_unit_test(the_file_says_it_all),
        cmocka_unit_test(a_bad_line_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
