/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/capture_file.h"
#include "harness/run.h"
#include "replay/merge.h"

#include <stdio.h>
#include <string.h>

static struct weir_error failure;
static unsigned failures;

static void failed(void *ctx, const struct weir_error *e)
{
    (void)ctx;
    failure = *e;
    failures++;
}

static void write_file(struct capture_file *f, const uint32_t *seconds, size_t n)
{
    capture_file_make(f);
    capture_file_pcap(f, false, 1);
    for (size_t i = 0; i < n; i++)
        capture_file_record(f, seconds[i], 0, PACKET());
}

/* "file:number:second ..." of all packets in the order delivered. */
static const char *order(struct capture_file *files, unsigned n, unsigned want_failures)
{
    static char text[256];
    const struct weir_capture_packet *p;
    struct weir_merge *m = NULL;
    char *paths[8];
    size_t at = 0;
    uint32_t file;

    failures = 0;
    for (unsigned i = 0; i < n; i++)
        paths[i] = files[i].path;
    assert_int_equal(weir_merge_new(paths, n, 1 << 20, failed, NULL, &m), 0);
    text[0] = '\0';
    while ((p = weir_merge_next(m, &file)))
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%u:%u:%u ", file, (unsigned)p->number,
                               (unsigned)(p->ts_ns / 1000000000));
    assert_int_equal(weir_merge_failures(m), want_failures);
    assert_int_equal(failures, want_failures);
    assert_null(weir_merge_next(m, &file));
    weir_merge_free(m);
    for (unsigned i = 0; i < n; i++)
        capture_file_remove(&files[i]);
    return text;
}

#define WRITE(file, ...)                                                                           \
    write_file(file, (const uint32_t[]){ __VA_ARGS__ },                                            \
               sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))

static void by_time(void **state)
{
    struct capture_file f[3];

    (void)state;
    WRITE(&f[0], 1, 4, 9);
    WRITE(&f[1], 2, 3, 8);
    WRITE(&f[2], 5, 6, 7);
    assert_string_equal(order(f, 3, 0), "0:1:1 1:1:2 1:2:3 0:2:4 2:1:5 2:2:6 2:3:7 1:3:8 0:3:9 ");
}

static void equal_times_by_file(void **state)
{
    struct capture_file f[2];

    (void)state;
    WRITE(&f[0], 1, 1, 2);
    WRITE(&f[1], 1, 2);
    assert_string_equal(order(f, 2, 0), "0:1:1 0:2:1 1:1:1 0:3:2 1:2:2 ");
}

static void step_back_keeps_file_order(void **state)
{
    struct capture_file f[2];

    (void)state;
    WRITE(&f[0], 5, 1, 6);
    WRITE(&f[1], 4, 7);
    assert_string_equal(order(f, 2, 0), "1:1:4 0:1:5 0:2:1 0:3:6 1:2:7 ");
}

static void damage_stops_one_file(void **state)
{
    struct capture_file f[2];

    (void)state;
    WRITE(&f[0], 1, 3);
    WRITE(&f[1], 2, 4);
    capture_file_cut(&f[0], capture_file_size(&f[0]) - 5);
    assert_string_equal(order(f, 2, 1), "0:1:1 1:1:2 1:2:4 ");
    assert_non_null(strstr(failure.text, "packet 2"));
}

static void missing_file(void **state)
{
    struct capture_file f[2];

    (void)state;
    WRITE(&f[0], 1);
    WRITE(&f[1], 2);
    capture_file_remove(&f[0]);
    assert_string_equal(order(f, 2, 1), "1:1:2 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_time),
        cmocka_unit_test(equal_times_by_file),
        cmocka_unit_test(step_back_keeps_file_order),
        cmocka_unit_test(damage_stops_one_file),
        cmocka_unit_test(missing_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
