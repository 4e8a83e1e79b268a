/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include <errno.h>
#include <string.h>

#include "policy/value.h"

struct sample {
    const char *text;
    int ret;
    uint64_t v;
    const char *again; /* how it is written; NULL: as it was */
};

typedef int (*parse_fn)(const char *text, uint64_t *ret);
typedef const char *(*format_fn)(uint64_t v, char text[WEIR_VALUE_TEXT]);

static void expect(const struct sample *s, size_t n, parse_fn parse, format_fn format)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t v = 12345;
        char text[WEIR_VALUE_TEXT];
        int r = parse(s[i].text, &v);

        if (r != s[i].ret || v != (r < 0 ? 12345 : s[i].v))
            fail_msg("%s: %d, %llu", s[i].text, r, (unsigned long long)v);
        if (r == 0 && format)
            assert_string_equal(format(v, text), s[i].again ? s[i].again : s[i].text);
    }
}
#define EXPECT(table, parse, format)                                                               \
    expect(table, sizeof(table) / sizeof((table)[0]), parse, format)

static void numbers(void **state)
{
    static const struct sample v[] = {
        { "0", 0, 0, NULL },
        { "10k", 0, 10000, NULL },
        { "5M", 0, 5000000, NULL },
        { "2G", 0, 2000000000, NULL },
        { "18446744073709551615", 0, UINT64_MAX, NULL },
        { "18446744073709551616", -ERANGE, 0, NULL },
        { "18446744073709551615k", -ERANGE, 0, NULL },
        { "", -EINVAL, 0, NULL },
        { "k", -EINVAL, 0, NULL },
        { "1K", -EINVAL, 0, NULL },
        { "1 k", -EINVAL, 0, NULL },
        { "-1", -EINVAL, 0, NULL },
        { "+1", -EINVAL, 0, NULL },
        { "0x10", -EINVAL, 0, NULL },
        { "1.5k", -EINVAL, 0, NULL },
    };

    (void)state;
    EXPECT(v, weir_number_parse, NULL);
}

static void durations(void **state)
{
    static const struct sample v[] = {
        { "90s", 0, 90, NULL },
        { "120s", 0, 120, "2m" },
        { "10m", 0, 600, NULL },
        { "2h", 0, 7200, NULL },
        { "7d", 0, 604800, NULL },
        { "0s", 0, 0, NULL },
        { "10", -EINVAL, 0, NULL },
        { "10ms", -EINVAL, 0, NULL },
        { "m", -EINVAL, 0, NULL },
        { "1h30m", -EINVAL, 0, NULL },
        { "213503982334602d", -ERANGE, 0, NULL },
    };

    (void)state;
    EXPECT(v, weir_duration_parse, weir_duration_format);
}

static void bytes(void **state)
{
    static const struct sample v[] = {
        { "4096", 0, 4096, "4KiB" },
        { "1GiB", 0, 1ULL << 30, NULL },
        { "3MiB", 0, 3 << 20, NULL },
        { "1000", 0, 1000, NULL },
        { "1MB", -EINVAL, 0, NULL },
        { "1M", -EINVAL, 0, NULL },
        { "17179869184GiB", -ERANGE, 0, NULL },
    };

    (void)state;
    EXPECT(v, weir_bytes_parse, weir_bytes_format);
}

static void factors(void **state)
{
    static const struct sample v[] = {
        { "2x", 0, 200, NULL },         { "1.5x", 0, 150, NULL },
        { "1.05x", 0, 105, NULL },      { "1.50x", 0, 150, "1.5x" },
        { "2", -EINVAL, 0, NULL },      { "x", -EINVAL, 0, NULL },
        { "1.x", -EINVAL, 0, NULL },    { ".5x", -EINVAL, 0, NULL },
        { "1.234x", -EINVAL, 0, NULL }, { "4294967296x", -ERANGE, 0, NULL },
    };

    (void)state;
    EXPECT(v, weir_factor_parse, weir_factor_format);
}

static void listens(void **state)
{
    static const char *const good[] = { "192.0.2.1:443", "[2001:db8::1]:65535", "*:1" };
    static const char *const bad[] = { "",
                                       "192.0.2.1",
                                       "192.0.2.1:",
                                       ":80",
                                       "192.0.2.1:0",
                                       "192.0.2.1:65536",
                                       "*:80x",
                                       "2001:db8::1:443",
                                       "[2001:db8::1]",
                                       "[*]:80",
                                       "[192.0.2.1]:80",
                                       "[2001:db8::1:80",
                                       "a:80",
                                       "[]:80",
                                       "[:]:1",
                                       "*:99999999999999999999" };
    char text[WEIR_VALUE_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct weir_listen l;

        assert_int_equal(weir_listen_parse(good[i], &l), 0);
        assert_string_equal(weir_listen_format(&l, text), good[i]);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct weir_listen l;

        if (weir_listen_parse(bad[i], &l) != -EINVAL)
            fail_msg("%s", bad[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers), cmocka_unit_test(durations), cmocka_unit_test(bytes),
        cmocka_unit_test(factors), cmocka_unit_test(listens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
