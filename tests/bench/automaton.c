/* SPDX-License-Identifier: Apache-2.0 */

/* automaton PATTERNS TEXT [FRAME_BYTES]: what a pattern set costs. PATTERNS: one a line; TEXT: what
 * frames carry. Prints the time to build, the memory, and nanoseconds a byte, natively and in the
 * kernel by BPF_PROG_TEST_RUN beside the same program without the scan. docs/performance.md has the
 * numbers that were measured. */

#include <stdio.h>
#include <time.h>

#include "base/cleanup.h"
#include "dataplane/automaton.h"
#include "prog/scan_host.h"

#define MEMORY ((size_t)64 << 20)
#define ROUNDS 9
#define FRAMES 1000

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
    qsort(v, n, sizeof(*v), by_value);
    return v[n / 2];
}

struct file {
    char *data;
    size_t len;
};

static int read_file(const char *path, struct file *ret)
{
    _cleanup_fclose_ FILE *f = fopen(path, "rb");
    long len;

    if (!f || fseek(f, 0, SEEK_END) || (len = ftell(f)) < 0 || fseek(f, 0, SEEK_SET))
        return -errno;
    ret->data = malloc((size_t)len + 1);
    if (!ret->data)
        return -ENOMEM;
    ret->len = fread(ret->data, 1, (size_t)len, f);
    return 0;
}

static size_t split_lines(const struct file *f, struct weir_pattern_bytes **ret)
{
    struct weir_pattern_bytes *p = calloc(WEIR_PATTERNS_MAX, sizeof(*p));
    size_t n = 0, at = 0;

    while (p && at < f->len && n < WEIR_PATTERNS_MAX) {
        size_t len = strcspn(f->data + at, "\n");

        if (len && len <= WEIR_PATTERN_BYTES_MAX)
            p[n++] =
                (struct weir_pattern_bytes){ .data = (const uint8_t *)f->data + at, .len = len };
        at += len + 1;
    }
    *ret = p;
    return n;
}

static double native_ns(const struct weir_automaton_image *image, const struct file *text)
{
    const struct weir_automaton_view v = { .a = image->automaton,
                                           .words = image->automaton->words };
    double t[ROUNDS];

    for (int i = 0; i < ROUNDS; i++) {
        struct weir_scan s = { .end = (__u32)text->len };
        double from = now_ns();

        while (weir_scan_turn(&v, &s, (const __u8 *)text->data, ~0U) != WEIR_SCAN_END)
            ;
        t[i] = (now_ns() - from) / (double)text->len;
    }
    return median(t, ROUNDS);
}

/* Frames of len bytes, each with another piece of the text, each run once: a frame that is repeated
 * teaches the branch predictor its bytes. Nanoseconds a frame, the harness's share with them. */
static double kernel_ns(struct bpf_program *program, const struct file *text, size_t len)
{
    static __u8 frame[9014];
    static double t[ROUNDS * FRAMES];
    size_t n = 0, step = (text->len - len) / FRAMES;

    for (int i = 0; i < ROUNDS; i++) {
        for (size_t k = 0; k < FRAMES; k++) {
            memcpy(frame + SCAN_FROM, text->data + k * step, len - SCAN_FROM);
            t[n++] = (double)scan_run(program, frame, len, 1);
        }
    }
    return median(t, n);
}

int main(int argc, char **argv)
{
    struct file patterns = { 0 }, text = { 0 };
    struct weir_pattern_bytes *p = NULL;
    struct weir_automaton_image image = { 0 };
    struct weir_error e = { 0 };
    size_t n, len = argc > 3 ? strtoul(argv[3], NULL, 10) : 1514, value;
    double build[ROUNDS], bytes = (double)(len - SCAN_FROM);
    struct scan *off, *on;

    if (argc < 3 || len <= SCAN_FROM || len > 9014 || read_file(argv[1], &patterns) < 0 ||
        read_file(argv[2], &text) < 0 || text.len < 1 << 20)
        return fprintf(
                   stderr,
                   "usage: %s PATTERNS TEXT [FRAME_BYTES]; 1 MiB of text, frames of 55 to 9014\n",
                   argv[0]),
               2;
    n = split_lines(&patterns, &p);
    for (int i = 0; i < ROUNDS; i++) {
        double from = now_ns();

        weir_automaton_image_free(&image);
        if (weir_automaton_build(p, n, true, 1, MEMORY, &image, &e) < 0)
            return fprintf(stderr, "%s\n", e.text), 1;
        build[i] = (now_ns() - from) / 1e6;
    }
    printf("%zu patterns, %u classes: built in %.0f ms, %.2f MiB; native %.2f ns a byte\n", n,
           image.automaton->classes, median(build, ROUNDS), (double)image.bytes / (1 << 20),
           native_ns(&image, &text));
    value = (image.bytes + 7) & ~7UL;
    off = scan_open(value, false);
    on = scan_open(value, true);
    if (!off || !on || scan_swap(on, value, &image) || scan_swap(off, value, &image))
        return fprintf(stderr, "kernel: %s\n", strerror(errno)), 1;
    for (int tc = 0; tc < 2; tc++) {
        double without = kernel_ns(tc ? off->progs.scan_tc : off->progs.scan_xdp, &text, len);
        double with = kernel_ns(tc ? on->progs.scan_tc : on->progs.scan_xdp, &text, len);

        printf("  %s, frames of %zu bytes: %.0f ns, without the scan %.0f: %.2f ns a byte\n",
               tc ? "tc" : "xdp", len, with, without, (with - without) / bytes);
    }
    return 0;
}
