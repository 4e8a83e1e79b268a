/* SPDX-License-Identifier: Apache-2.0 */

/* The whole of weir_replay() over captures made here. */

#include "harness/capture_file.h"
#include "harness/run.h"
#include "replay/replay.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char out[1 << 20], err[1 << 16];

static void slurp(FILE *f, char *to, size_t size)
{
    rewind(f);
    to[fread(to, 1, size - 1, f)] = '\0';
    (void)fclose(f);
}

static int replay(struct weir_replay_options *o, struct capture_file *f, unsigned n)
{
    char *paths[8];
    int status;

    for (unsigned i = 0; i < n; i++)
        paths[i] = f[i].path;
    o->paths = paths;
    o->files = n;
    o->memory_bytes = WEIR_REPLAY_MEMORY_MIN;
    o->out = tmpfile();
    o->err = tmpfile();
    assert_non_null(o->out);
    assert_non_null(o->err);
    status = weir_replay(o);
    slurp(o->out, out, sizeof(out));
    slurp(o->err, err, sizeof(err));
    return status;
}

static unsigned occurrences(const char *text, const char *what)
{
    unsigned n = 0;

    for (; (text = strstr(text, what)); text++)
        n++;
    return n;
}

static void make(struct capture_file *f, __u32 second, const struct weir_packet *p, unsigned n)
{
    capture_file_make(f);
    capture_file_pcap(f, false, 1);
    while (n--)
        capture_file_record(f, second++, 0, p);
}

static void findings_as_json(void **state)
{
    struct weir_replay_options o = { .json = true };
    struct capture_file f;

    (void)state;
    make(&f, 100, PACKET(.tcp = { .flags = WEIR_FIN | WEIR_PSH | WEIR_URG }), 5);
    assert_int_equal(replay(&o, &f, 1), 0);
    assert_int_equal(occurrences(out, "\"detection\":\"scan.xmas\""),
                     4); /* 1, 2, 4, and 5 in the end */
    assert_non_null(strstr(out, "\"pcap_cnt\":4"));
    assert_non_null(strstr(out, "\"count\":5"));
    assert_int_equal(occurrences(out, "\"final\":true"), 1);
    assert_int_equal(occurrences(out, "\"event_type\":\"stats\""), 1);
    assert_non_null(strstr(err, "By detection"));
    capture_file_remove(&f);
}

static void findings_for_people(void **state)
{
    struct weir_replay_options o = { 0 };
    struct capture_file f;
    const char *summary, *line;

    (void)state;
    make(&f, 100, PACKET(.tcp = { .flags = WEIR_SYN | WEIR_FIN }), 1);
    assert_int_equal(replay(&o, &f, 1), 0);
    summary = strstr(out, "By source");
    line = strstr(out, "1970-01-01T00:01:40");
    assert_non_null(summary);
    assert_non_null(line);
    assert_true(summary < line);
    assert_string_equal(err, "");
    capture_file_remove(&f);
}

static void several_files_in_time_order(void **state)
{
    struct weir_replay_options o = { .json = true };
    struct capture_file f[2];
    const char *first, *second;

    (void)state;
    make(&f[0], 200, PACKET(.tcp = { .flags = NO_FLAGS }), 1);
    make(&f[1], 100, PACKET(.tcp = { .flags = WEIR_FIN }), 1);
    assert_int_equal(replay(&o, f, 2), 0);
    first = strstr(out, "scan.fin");
    second = strstr(out, "scan.null");
    assert_non_null(first);
    assert_non_null(second);
    assert_true(first < second);
    assert_int_equal(occurrences(out, "\"pcap_cnt\":1,"), 2); /* numbers are of the file */
    capture_file_remove(&f[0]);
    capture_file_remove(&f[1]);
}

static void a_damaged_file_keeps_its_findings_and_the_others(void **state)
{
    struct weir_replay_options o = { .json = true };
    struct capture_file f[3];

    (void)state;
    make(&f[0], 100, PACKET(.tcp = { .flags = NO_FLAGS }), 2);
    capture_file_cut(&f[0], capture_file_size(&f[0]) - 5);
    make(&f[1], 100, PACKET(.tcp = { .flags = WEIR_FIN }), 1);
    capture_file_make(&f[2]); /* empty: no capture at all */
    assert_int_equal(replay(&o, f, 3), 1);
    assert_int_equal(occurrences(out, "\"detection\":\"scan.null\""), 1);
    assert_int_equal(occurrences(out, "\"detection\":\"scan.fin\""), 1);
    assert_non_null(strstr(err, f[0].path));
    assert_non_null(strstr(err, "packet 2"));
    assert_non_null(strstr(err, f[2].path));
    for (int i = 0; i < 3; i++)
        capture_file_remove(&f[i]);
}

static void counted_rows_on_demand(void **state)
{
    struct weir_replay_options o = { .json = true };
    struct capture_file f;

    (void)state;
    make(&f, 100, PACKET(.tcp = { .flags = WEIR_RST, .ack = 7 }), 1);
    assert_int_equal(replay(&o, &f, 1), 0);
    assert_int_equal(occurrences(out, "\"event_type\":\"anomaly\""), 0);
    assert_int_equal(occurrences(out, "\"integrity.ack_without_flag\":1"), 1);
    o.counted = true;
    assert_int_equal(replay(&o, &f, 1), 0);
    assert_int_equal(occurrences(out, "\"event_type\":\"anomaly\""), 1);
    capture_file_remove(&f);
}

static void counted_rows_have_their_evidence(void **state)
{
    struct weir_replay_options o = { .json = true, .counted = true };
    struct capture_file f;

    (void)state;
    make(&f, 100, PACKET(.tcp = { .flags = WEIR_RST }, .payload_bytes = 3), 1);
    assert_int_equal(replay(&o, &f, 1), 0);
    assert_non_null(strstr(out, "\"event\":\"integrity.rst_data\""));
    assert_non_null(strstr(out, "\"evidence\":{\"payload_bytes\":3}"));
    capture_file_remove(&f);
}

/* As `weir replay <(zcat a.gz)` and /dev/stdin: looking at it in advance would eat it. */
static void a_pipe_is_read_once(void **state)
{
    struct weir_replay_options o = { .json = true };
    struct capture_file f, piped = { 0 };
    char bytes[4096];
    ssize_t len;
    int ends[2];

    (void)state;
    make(&f, 100, PACKET(.tcp = { .flags = WEIR_FIN }), 3);
    len = pread(f.fd, bytes, sizeof(bytes), 0);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], bytes, (size_t)len), len);
    (void)close(ends[1]);
    (void)snprintf(piped.path, sizeof(piped.path), "/dev/fd/%d", ends[0]);
    assert_int_equal(replay(&o, &piped, 1), 0);
    assert_int_equal(occurrences(out, "\"detection\":\"scan.fin\""), 3); /* 1, 2, 3 final */
    (void)close(ends[0]);
    capture_file_remove(&f);
}

static void sources_without_room_are_not_denied(void **state)
{
    struct weir_replay_options o = { 0 };
    struct capture_file f;

    (void)state;
    capture_file_make(&f);
    capture_file_pcap(&f, false, 1);
    for (unsigned i = 0; i < 5000; i++) { /* the least --memory has room for 4096 */
        char src[32];

        (void)snprintf(src, sizeof(src), "10.0.%u.%u", i >> 8, i & 255);
        capture_file_record(&f, 100, i,
                            PACKET(.ip4 = { .src = src }, .tcp = { .flags = WEIR_FIN }));
    }
    assert_int_equal(replay(&o, &f, 1), 0);
    assert_non_null(strstr(out, "5000 packets from at least "));
    assert_non_null(strstr(out, "had no room"));
    capture_file_remove(&f);
}

/* The last test: what asks to stop stays asked. */
static void an_interrupted_run_says_so(void **state)
{
    struct weir_replay_options o = { .json = true };
    struct capture_file f;

    (void)state;
    make(&f, 100, PACKET(.tcp = { .flags = WEIR_FIN }), 3);
    weir_replay_stop();
    assert_int_equal(replay(&o, &f, 1), 1);
    assert_non_null(strstr(err, "interrupted after 0 packets"));
    assert_int_equal(occurrences(out, "\"event_type\":\"stats\""), 1);
    capture_file_remove(&f);
}

static void checksum_modes(void **state)
{
    struct weir_replay_options o = { .json = true, .checksum = WEIR_CHECKSUM_AUTO };
    struct capture_file f;

    (void)state;
    make(&f, 100, PACKET(.tcp = { .check = 0x1234 }), 3);
    assert_int_equal(replay(&o, &f, 1), 0);
    assert_null(strstr(out, "\"event_type\":\"alert\""));
    assert_non_null(strstr(out, "\"withheld\":3"));
    assert_non_null(strstr(err, "3 not reported"));
    o.checksum = WEIR_CHECKSUM_ON;
    assert_int_equal(replay(&o, &f, 1), 0);
    assert_non_null(strstr(out, "integrity.tcp_checksum"));
    capture_file_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings_as_json),
        cmocka_unit_test(findings_for_people),
        cmocka_unit_test(several_files_in_time_order),
        cmocka_unit_test(a_damaged_file_keeps_its_findings_and_the_others),
        cmocka_unit_test(counted_rows_on_demand),
        cmocka_unit_test(counted_rows_have_their_evidence),
        cmocka_unit_test(checksum_modes),
        cmocka_unit_test(a_pipe_is_read_once),
        cmocka_unit_test(sources_without_room_are_not_denied),
        cmocka_unit_test(an_interrupted_run_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
