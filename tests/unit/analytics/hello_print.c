/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include "analytics/hello_print.h"
#include "analytics/hello_reader.h"

#include <stdio.h>
#include <stdlib.h>

#include "harness/hello.h"

static void prints(const struct hello_spec *s, const char *ja3, const char *ja4)
{
    struct hello_bytes b;
    struct weir_hello h;
    char three[WEIR_JA3_TEXT], four[WEIR_JA4_TEXT];

    hello_build(s, &b);
    assert_int_equal(weir_hello_parse(b.b, b.len, &h), 0);
    assert_int_equal(weir_hello_ja3(&h, three), 0);
    assert_int_equal(weir_hello_ja4(&h, four), 0);
    if (ja3)
        assert_string_equal(three, ja3);
    if (ja4)
        assert_string_equal(four, ja4);
}

/* The two examples of JA3's own description. */
static void ja3_as_published(void **state)
{
    const struct hello_spec one = {
        .version = 769,
        .ciphers = LIST(47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4),
        .extensions = LIST(0, 10, 11),
        .groups = LIST(23, 24, 25),
        .formats = LIST(0),
        .name = "example.com",
    };
    const struct hello_spec two = {
        .version = 769,
        .ciphers = LIST(4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99),
    };
    struct hello_spec greased = one;

    (void)state;
    prints(&one, "ada70206e40642a3e4461f35503241d5", NULL);
    prints(&two, "de350869b8c85de67a350c8d186f11e6", NULL);
    greased.ciphers = LIST(0xaaaa, 47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4);
    greased.extensions = LIST(0x0a0a, 0, 10, 11, 0xfafa);
    greased.groups = LIST(0x1a1a, 23, 24, 25);
    prints(&greased, "ada70206e40642a3e4461f35503241d5", NULL);
}

/* The example of JA4's own description. */
static const struct hello_spec browser = {
    .version = 0x0303,
    .ciphers = LIST(0x6a6a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8,
                    0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035),
    .extensions = LIST(0x8a8a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d,
                       0x0005, 0x0023, 0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015),
    .groups = LIST(29, 23, 24),
    .formats = LIST(0),
    .signatures = LIST(0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601),
    .versions = LIST(0x7a7a, 0x0304, 0x0303),
    .name = "www.example.com",
    .alpn = "\2h2\10http/1.1",
    .alpn_len = 12,
};

static void ja4_as_published(void **state)
{
    struct hello_spec s = browser;

    (void)state;
    prints(&s, NULL, "t13d1516h2_8daaf6152771_e5627efa2ab1");
    s.signatures = LIST(0x2a2a, 0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601);
    prints(&s, NULL, "t13d1516h2_8daaf6152771_e5627efa2ab1");
    s.signatures = NULL;
    prints(&s, NULL, "t13d1516h2_8daaf6152771_6d807ffa2a79");
    s.versions = LIST(0x0303, 0x0302);
    s.extensions = NULL;
    prints(&s, NULL, "t12i150000_8daaf6152771_000000000000");
    s.extensions = LIST(0, 16);
    prints(&s, NULL, "t12d1502h2_8daaf6152771_000000000000");
    s.ciphers = LIST(0x0a0a);
    prints(&s, NULL, "t12d0002h2_000000000000_000000000000");
}

/* As its description lists them. */
static void ja4_alpn(void **state)
{
    static const struct {
        const char *wire;
        size_t len;
        const char *want;
    } samples[] = {
        { "\2h2", 3, "h2" },
        { "\10http/1.1", 9, "h1" },
        { "\1\xab", 2, "ab" },
        { "\2\xab\xcd", 3, "ad" },
        { "\2\x30\xab", 3, "3b" },
        { "\4\x30\x31\xab\xcd", 5, "3d" },
        { "\4\x30\xab\xcd\x31", 5, "01" },
        { "\1x", 2, "xx" },
        { "", 0, "00" },
        { "\0", 1, "00" },
    };
    struct hello_spec s = browser;

    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        char want[WEIR_JA4_TEXT];

        s.alpn = samples[i].wire;
        s.alpn_len = samples[i].len;
        (void)snprintf(want, sizeof(want), "t13d1516%s_8daaf6152771_e5627efa2ab1", samples[i].want);
        prints(&s, NULL, want);
    }
}

static void ja4_versions_and_counts(void **state)
{
    static int many[131];
    struct hello_spec s = { .ciphers = LIST(0x002f), .version = 0x0301 };

    (void)state;
    prints(&s, NULL, "t10i010000_ba72b8082249_000000000000");
    s.version = 0x0300;
    prints(&s, NULL, "ts3i010000_ba72b8082249_000000000000");
    s.version = 0x0302;
    prints(&s, NULL, "t11i010000_ba72b8082249_000000000000");
    s.version = 0x7f1c;
    prints(&s, NULL, "t00i010000_ba72b8082249_000000000000");
    for (int i = 0; i < 130; i++)
        many[i] = 0xc000 + i;
    many[130] = -1;
    s.ciphers = many;
    s.version = 0x0303;
    prints(&s, NULL, "t12i990000_aa549c207248_000000000000");
}

/* Hellos of real clients, seeds of the fuzzer; JA3 as tshark 4.0.17 prints it. JA4 of these was
 * computed apart from this code, from the fields that tshark reads. */
static void real_clients(void **state)
{
    static const struct {
        const char *name, *ja3, *ja4;
    } clients[] = {
        { "openssl13", "5a1edc7f170af1014fc65c994878e63c", "t13d3111h2_e8f1e7e78f70_1f22a2ca17c4" },
        { "openssl12", "fbe7e189e37a07ee33706f86bc746344", "t12i280600_d943125447b4_e7e480e5a997" },
        { "curlname", "0149f47eabf9a20d0893e2a44e5a6323", "t13d3112h2_e8f1e7e78f70_b26ce05bbdd6" },
        { "python", "d39e1be3241d516b1f714bd47c2bc968", "t13d311100_e8f1e7e78f70_d41ae481755e" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
        char path[1024], ja3[WEIR_JA3_TEXT], ja4[WEIR_JA4_TEXT];
        uint8_t b[4096];
        struct weir_hello_reader r = { 0 };
        struct weir_hello h;
        size_t n;
        FILE *f;

        (void)snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/hello/%s", getenv("WEIR_SOURCE"),
                       clients[i].name);
        f = fopen(path, "rb");
        assert_non_null(f);
        n = fread(b, 1, sizeof(b), f);
        fclose(f);
        assert_int_equal(weir_hello_feed(&r, b + 1, n - 1),
                         1); /* the seed's first byte is its own */
        assert_int_equal(weir_hello_parse(r.message, r.len, &h), 0);
        assert_int_equal(weir_hello_ja3(&h, ja3), 0);
        assert_int_equal(weir_hello_ja4(&h, ja4), 0);
        assert_string_equal(ja3, clients[i].ja3);
        assert_string_equal(ja4, clients[i].ja4);
        weir_hello_reader_free(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ja3_as_published), cmocka_unit_test(ja4_as_published),
        cmocka_unit_test(ja4_alpn),         cmocka_unit_test(ja4_versions_and_counts),
        cmocka_unit_test(real_clients),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
