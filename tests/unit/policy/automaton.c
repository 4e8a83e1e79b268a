/* SPDX-License-Identifier: Apache-2.0 */

/* The builder, judged by what the runner of the core finds with its image. */

#include "harness/run.h"

#include "policy/automaton.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "dataplane/automaton.h"
#include "harness/naive.h"
#include "harness/random.h"

#define MIB ((size_t)1 << 20)
#define SET_MAX 64
#define CHUNK 64 /* a power of two, as the kernel's is */

struct set {
    struct weir_pattern_bytes p[SET_MAX];
    size_t n;
};

static struct set set_of(const char *const *words)
{
    struct set s = { .n = 0 };

    for (; *words; words++)
        s.p[s.n++] =
            (struct weir_pattern_bytes){ .data = (const uint8_t *)*words, .len = strlen(*words) };
    return s;
}

#define SET(...) set_of((const char *const[]){ __VA_ARGS__, NULL })

static struct weir_automaton_image build(const struct set *s, bool fold)
{
    struct weir_automaton_image image = { 0 };
    struct weir_error e = { 0 };

    if (weir_automaton_build(s->p, s->n, fold, 1, MIB, &image, &e) < 0)
        fail_msg("%s", e.text);
    return image;
}

static struct weir_automaton_view view_of(const struct weir_automaton_image *image)
{
    return (struct weir_automaton_view){ .a = image->automaton, .words = image->automaton->words };
}

/* Outputs of a state as a set of numbers; they come without repetition. */
static uint64_t outputs_of(const struct weir_automaton_view *v, uint32_t state)
{
    uint32_t output = weir_automaton_first_output(v, state);
    uint64_t found = 0;

    for (int i = 0; i < WEIR_OUTPUT_CHAIN && output != WEIR_OUTPUT_NONE; i++) {
        uint32_t pattern = weir_automaton_output(v, &output);

        assert_true(pattern < SET_MAX);
        assert_false(found >> pattern & 1);
        found |= 1ULL << pattern;
    }
    assert_int_equal(output, WEIR_OUTPUT_NONE);
    return found;
}

/* Scan in chunks of the kernel's form; found[i] gets the patterns that end behind byte i. */
static void scan(const struct weir_automaton_image *image, const uint8_t *text, size_t len,
                 size_t chunk, uint64_t *found)
{
    const struct weir_automaton_view v = view_of(image);
    struct weir_scan s = { 0 };
    uint8_t buf[CHUNK];

    memset(found, 0, len * sizeof(*found));
    for (size_t off = 0; off < len; off += chunk) {
        enum weir_scan_stop stop;

        s.at = 0;
        s.end = (uint32_t)(len - off < chunk ? len - off : chunk);
        memset(buf, 0xee, sizeof(buf));
        memcpy(buf, text + off, s.end);
        do {
            stop = weir_scan_turn(&v, &s, buf, CHUNK - 1);
            if (stop == WEIR_SCAN_MATCH)
                found[off + s.at - 1] = outputs_of(&v, s.carry.state);
        } while (stop != WEIR_SCAN_END);
    }
}

static void compare(const struct set *set, bool fold, const uint8_t *text, size_t len, size_t chunk)
{
    _cleanup_(weir_automaton_image_free) struct weir_automaton_image image = build(set, fold);
    _cleanup_free_ uint64_t *found = calloc(len + 1, sizeof(*found));

    scan(&image, text, len, chunk, found);
    for (size_t end = 1; end <= len; end++) {
        uint64_t want = 0;

        for (size_t i = 0; i < set->n; i++)
            if (naive_ends(text, end, set->p[i].data, set->p[i].len, fold))
                want |= 1ULL << i;
        if (found[end - 1] != want)
            fail_msg("behind byte %zu: found %llx, are %llx", end - 1,
                     (unsigned long long)found[end - 1], (unsigned long long)want);
    }
}

static void compare_text(const struct set *set, bool fold, const char *text)
{
    for (size_t chunk = 1; chunk <= CHUNK; chunk++)
        compare(set, fold, (const uint8_t *)text, strlen(text), chunk);
}

static void textbook(void **state)
{
    const struct set s = SET("he", "she", "his", "hers");

    (void)state;
    compare_text(&s, false, "ushers and his sheriff: she, HE, SHE, hishehers");
}

static void one_byte_and_two(void **state)
{
    const struct set s = SET("a", "ab", "b", "abc", "abcd", "ca");

    (void)state;
    compare_text(&s, false, "xaabbcabcdcabxcaabcd");
}

static void equal_patterns_are_all_reported(void **state)
{
    const struct set s = SET("GET", "ET", "GET", "T", "ET");

    (void)state;
    compare_text(&s, false, "GET / GETET");
}

static void letters_fold_and_nothing_else_does(void **state)
{
    const struct set s = SET("Select[", "UNION", "@z{");

    (void)state;
    compare_text(&s, true, "sElEcT[ select{ union UnIoN `z{ @Z{ @z[");
    compare_text(&s, false, "sElEcT[ Select[ union UNION @z{ @Z{");
}

static void every_byte_value(void **state)
{
    uint8_t all[256], text[1024];
    struct set s = { .n = 0 };

    (void)state;
    for (int i = 0; i < 256; i++)
        all[i] = (uint8_t)(i * 167); /* odd: each value once */
    for (size_t i = 0; i < 8; i++)
        s.p[s.n++] = (struct weir_pattern_bytes){ .data = all + i * 32, .len = 32 };
    s.p[s.n++] = (struct weir_pattern_bytes){ .data = all, .len = 255 };
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = all[i & 255];
    compare(&s, false, text, sizeof(text), CHUNK);
    compare(&s, true, text, sizeof(text), 7);
}

/* Few letters make many patterns overlap: suffixes of suffixes, shared prefixes, doubles. */
static void random_sets_against_comparison(void **state)
{
    struct weir_random random = { .state = 7 };
    static uint8_t bytes[SET_MAX][24], text[400];

    (void)state;
    for (int round = 0; round < 600; round++) {
        uint32_t letters = 1 + weir_random_below(&random, 4);
        struct set s = { .n = 1 + weir_random_below(&random, WEIR_OUTPUT_CHAIN) };

        for (size_t i = 0; i < s.n; i++) {
            size_t len = 1 + weir_random_below(&random, round % 3 ? 6 : sizeof(bytes[i]));

            for (size_t k = 0; k < len; k++)
                bytes[i][k] = (uint8_t)("aAbB"[weir_random_below(&random, letters)]);
            s.p[i] = (struct weir_pattern_bytes){ .data = bytes[i], .len = len };
        }
        for (size_t k = 0; k < sizeof(text); k++)
            text[k] = (uint8_t)("aAbB"[weir_random_below(&random, letters)]);
        compare(&s, round & 1, text, sizeof(text), 1 + weir_random_below(&random, CHUNK));
    }
}

static int try_build(const struct set *s, size_t memory, struct weir_error *e)
{
    _cleanup_(weir_automaton_image_free) struct weir_automaton_image image = { 0 };

    e->text[0] = '\0';
    return weir_automaton_build(s->p, s->n, false, 1, memory, &image, e);
}

static void impossible_sets_are_refused(void **state)
{
    static uint8_t zeros[256];
    struct set s = SET("abc");
    struct weir_error e;

    (void)state;
    s.p[s.n++] = (struct weir_pattern_bytes){ .data = zeros, .len = 0 };
    assert_int_equal(try_build(&s, MIB, &e), -EINVAL);
    assert_non_null(strstr(e.text, "pattern 1 has 0 bytes"));
    s.p[1].len = 256;
    assert_int_equal(try_build(&s, MIB, &e), -EINVAL);
    assert_non_null(strstr(e.text, "256"));
    s.p[1].len = 255;
    assert_int_equal(try_build(&s, MIB, &e), 0);
    s.n = 0;
    assert_int_equal(try_build(&s, MIB, &e), -EINVAL);
}

static void too_many_at_one_byte_are_refused(void **state)
{
    static uint8_t as[64];
    struct set s = { .n = 0 };
    struct weir_error e;

    (void)state;
    memset(as, 'a', sizeof(as));
    for (size_t i = 0; i < WEIR_OUTPUT_CHAIN; i++)
        s.p[s.n++] = (struct weir_pattern_bytes){ .data = as, .len = i + 1 };
    assert_int_equal(try_build(&s, MIB, &e), 0);
    s.p[s.n++] = (struct weir_pattern_bytes){ .data = as, .len = s.n + 1 };
    assert_int_equal(try_build(&s, MIB, &e), -EINVAL);
    assert_non_null(strstr(e.text, "pattern 32"));
    for (size_t i = 0; i < s.n; i++)
        s.p[i].len = 3;
    assert_int_equal(try_build(&s, MIB, &e), -EINVAL);
    assert_non_null(strstr(e.text, "same bytes"));
}

static void memory_is_a_limit(void **state)
{
    struct weir_random random = { .state = 3 };
    static uint8_t bytes[SET_MAX][200];
    struct set s = { .n = SET_MAX };
    struct weir_automaton_image image = { 0 };
    struct weir_error e = { 0 };
    size_t least;

    (void)state;
    for (size_t i = 0; i < s.n; i++) {
        for (size_t k = 0; k < sizeof(bytes[i]); k++)
            bytes[i][k] = (uint8_t)weir_random_below(&random, 256);
        s.p[i] = (struct weir_pattern_bytes){ .data = bytes[i], .len = sizeof(bytes[i]) };
    }
    assert_int_equal(weir_automaton_build(s.p, s.n, false, 9, MIB, &image, &e), 0);
    assert_int_equal(image.automaton->epoch, 9);
    least = image.bytes;
    weir_automaton_image_free(&image);
    assert_int_equal(try_build(&s, least, &e), 0);
    for (size_t memory = 0; memory < least; memory += 1 + memory / 3) {
        assert_int_equal(try_build(&s, memory, &e), -E2BIG);
        assert_non_null(strstr(e.text, "64 patterns do not fit"));
    }
}

/* What a pattern set costs: a guard against a slow build and against slots left empty. */
static void ten_thousand_patterns_are_packed(void **state)
{
    enum {
        N = 10000,
        LEN = 16
    };
    struct weir_random random = { .state = 11 };
    _cleanup_free_ uint8_t *bytes = malloc((size_t)N * LEN);
    _cleanup_free_ struct weir_pattern_bytes *p = calloc(N, sizeof(*p));
    _cleanup_(weir_automaton_image_free) struct weir_automaton_image image = { 0 };
    struct weir_error e = { 0 };
    size_t empty = 0, slots;
    const uint32_t *word;

    (void)state;
    for (size_t i = 0; i < (size_t)N * LEN; i++)
        bytes[i] = (uint8_t)('a' + weir_random_below(&random, 26));
    for (size_t i = 0; i < N; i++)
        p[i] = (struct weir_pattern_bytes){ .data = bytes + i * LEN, .len = LEN };
    if (weir_automaton_build(p, N, true, 1, 8 * MIB, &image, &e) < 0)
        fail_msg("%s", e.text);
    slots = (image.automaton->outputs - image.automaton->slots) / 2;
    word = (const uint32_t *)(image.automaton + 1) + image.automaton->slots;
    for (size_t i = 0; i < slots; i++)
        empty += word[2 * i] == WEIR_SLOT_FREE;
    fprintf(stderr, "%zu bytes, %zu slots, %zu empty\n", image.bytes, slots, empty);
    assert_true(empty * 10 < slots);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(textbook),
        cmocka_unit_test(one_byte_and_two),
        cmocka_unit_test(equal_patterns_are_all_reported),
        cmocka_unit_test(letters_fold_and_nothing_else_does),
        cmocka_unit_test(every_byte_value),
        cmocka_unit_test(random_sets_against_comparison),
        cmocka_unit_test(impossible_sets_are_refused),
        cmocka_unit_test(too_many_at_one_byte_are_refused),
        cmocka_unit_test(memory_is_a_limit),
        cmocka_unit_test(ten_thousand_patterns_are_packed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
