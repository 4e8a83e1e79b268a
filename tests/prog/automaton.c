/* SPDX-License-Identifier: Apache-2.0 */

/* The automaton in the kernel finds what it finds natively, wherever the bytes lie, and an
 * automaton is replaced between two packets. */

#include "prog/host.h"

#include <pthread.h>

#include "base/cleanup.h"
#include "dataplane/automaton.h"
#include "harness/random.h"
#include "prog/scan_host.h"

#define VALUE ((size_t)256 << 10)
#define FRAME_MAX 9014
#define VERIFIED_MAX 20000 /* of the ceiling of 200,000 that programs have */

static int silent(enum libbpf_print_level level, const char *format, va_list args)
{
    return level == LIBBPF_WARN ? vfprintf(stderr, format, args) : 0;
}

static struct scan *open_scan(void)
{
    struct scan *s = scan_open(VALUE, true);

    if (!s)
        fail_msg("scan.bpf.o: %s", strerror(errno));
    return s;
}

struct words {
    uint8_t bytes[300][12];
    struct weir_pattern_bytes p[300];
    size_t n;
};

static void random_words(struct words *w, struct weir_random *random, size_t n, uint32_t letters)
{
    w->n = n;
    for (size_t i = 0; i < n; i++) {
        size_t len = 2 + weir_random_below(random, sizeof(w->bytes[i]) - 1);

        for (size_t k = 0; k < len; k++)
            w->bytes[i][k] = (uint8_t)('A' + weir_random_below(random, letters));
        w->p[i] = (struct weir_pattern_bytes){ .data = w->bytes[i], .len = len };
    }
}

static struct weir_automaton_image image_of(const struct words *w, bool fold, uint32_t epoch)
{
    struct weir_automaton_image image = { 0 };
    struct weir_error e = { 0 };

    if (weir_automaton_build(w->p, w->n, fold, epoch, VALUE, &image, &e) < 0)
        fail_msg("%s", e.text);
    return image;
}

/* Natively, over the frame's bytes as they stand. */
static __u32 native(const struct weir_automaton_image *image, const uint8_t *b, size_t len,
                    struct scan_found *ret)
{
    const struct weir_automaton_view v = { .a = image->automaton,
                                           .words = image->automaton->words };
    struct weir_scan s = { .end = (__u32)len };
    enum weir_scan_stop stop;

    ret->matches = 0;
    do {
        stop = weir_scan_turn(&v, &s, b, ~0U);
        if (stop == WEIR_SCAN_MATCH) {
            __u32 i = ret->matches++;

            assert_true(i < SCAN_FOUND_MAX);
            ret->at[i] = s.at;
            ret->state[i] = s.carry.state;
        }
    } while (stop != WEIR_SCAN_END);
    return ret->matches;
}

static void same_frame(struct scan *s, struct bpf_program *program,
                       const struct weir_automaton_image *image, const uint8_t *frame, size_t len)
{
    static struct scan_found want, seen;
    long r = scan_run(program, frame, len, 1);

    if (r < 0)
        fail_msg("%zu bytes: %s", len, strerror((int)-r));
    assert_int_equal(scan_found(s, &seen), 0);
    (void)native(image, frame + SCAN_FROM, len - SCAN_FROM, &want);
    assert_int_equal(seen.matches, want.matches);
    assert_memory_equal(seen.at, want.at, want.matches * sizeof(want.at[0]));
    assert_memory_equal(seen.state, want.state, want.matches * sizeof(want.state[0]));
}

static void kernel_finds_what_the_core_finds(void **state)
{
    static const size_t lengths[] = { 55, 56, 70, 71, 300, 566, 567, 1078, 1514, 3000, FRAME_MAX };
    struct weir_random random = { .state = 1 };
    static uint8_t frame[FRAME_MAX];
    static struct words words;
    struct scan *s = open_scan();
    __u64 matches = 0;

    (void)state;
    for (int round = 0; round < 12; round++) {
        _cleanup_(weir_automaton_image_free) struct weir_automaton_image image = { 0 };
        uint32_t letters = 2 + (__u32)round;
        static struct scan_found found;

        random_words(&words, &random, round < 6 ? 30 : 300, letters);
        image = image_of(&words, round & 1, 1 + (__u32)round);
        assert_int_equal(scan_swap(s, VALUE, &image), 0);
        for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
            for (size_t k = 0; k < lengths[i]; k++)
                frame[k] = (uint8_t)("Aa"[k % 7 == 0] + weir_random_below(&random, letters));
            same_frame(s, s->progs.scan_xdp, &image, frame, lengths[i]);
            if (lengths[i] <= 3000) /* an skb under test is one page */
                same_frame(s, s->progs.scan_tc, &image, frame, lengths[i]);
            matches += native(&image, frame, lengths[i], &found);
        }
    }
    assert_true(matches > 10000);
    scan__destroy(s);
}

static void little_to_verify(void **state)
{
    struct scan *s = open_scan();
    struct bpf_program *program;

    (void)state;
    bpf_object__for_each_program(program, s->obj)
    {
        struct bpf_prog_info info = { 0 };
        __u32 len = sizeof(info);

        assert_int_equal(bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &len), 0);
        fprintf(stderr, "%s: %u processed\n", bpf_program__name(program), info.verified_insns);
        assert_in_range(info.verified_insns, 1, VERIFIED_MAX);
    }
    scan__destroy(s);
}

struct traffic {
    struct scan *s;
    const uint8_t *frame;
    __u32 frames;
    bool stop;
};

static void *run_traffic(void *arg)
{
    struct traffic *t = arg;
    static struct scan_found found;

    while (!__atomic_load_n(&t->stop, __ATOMIC_RELAXED)) {
        if (scan_run(t->s->progs.scan_xdp, t->frame, 1514, 1) < 0 || scan_found(t->s, &found))
            return "test run failed";
        if (found.matches != 1)
            return "a frame without match, or with more than one";
        t->frames++;
    }
    return NULL;
}

/* Either set has one pattern that is in the frame: at no moment is there a frame that neither saw.
 */
static void swapped_without_losing_a_packet(void **state)
{
    static const char *const texts[] = { "first-needle", "other-needle" };
    static uint8_t frame[1514];
    struct scan *s = open_scan();
    struct traffic t = { .s = s, .frame = frame };
    struct weir_automaton_image image[2] = { 0 };
    void *fault = NULL;
    pthread_t thread;

    (void)state;
    memset(frame, '.', sizeof(frame));
    for (int i = 0; i < 2; i++) {
        const struct weir_pattern_bytes p = { .data = (const uint8_t *)texts[i], .len = 12 };
        struct weir_error e = { 0 };

        memcpy(frame + 600 + 400 * i, texts[i], 12);
        assert_int_equal(weir_automaton_build(&p, 1, false, 1 + i, VALUE, &image[i], &e), 0);
    }
    assert_int_equal(scan_swap(s, VALUE, &image[0]), 0);
    assert_int_equal(pthread_create(&thread, NULL, run_traffic, &t), 0);
    for (int i = 0; i < 100; i++)
        assert_int_equal(scan_swap(s, VALUE, &image[i & 1]), 0);
    __atomic_store_n(&t.stop, true, __ATOMIC_RELAXED);
    pthread_join(thread, &fault);
    if (fault)
        fail_msg("%s", (const char *)fault);
    fprintf(stderr, "%u frames over 100 swaps\n", t.frames);
    assert_true(t.frames > 100);
    for (int i = 0; i < 2; i++)
        weir_automaton_image_free(&image[i]);
    scan__destroy(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernel_finds_what_the_core_finds),
        cmocka_unit_test(little_to_verify),
        cmocka_unit_test(swapped_without_losing_a_packet),
    };
    int r = privileged_or_skip();

    libbpf_set_print(silent);
    return r ? r : cmocka_run_group_tests(tests, NULL, NULL);
}
