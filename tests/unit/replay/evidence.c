/* SPDX-License-Identifier: Apache-2.0 */

/* Files of evidence (events/evidence_file.h), read back by replay's own reader. */

#include "harness/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "events/evidence_dir.h"
#include "events/evidence_file.h"
#include "harness/random.h"
#include "replay/capture.h"

#define MIB (1ULL << 20)
#define SECOND 1000000000ULL

static char dir[] = "/tmp/weir-evidence-XXXXXX";

static const char *in_dir(const char *name)
{
    static char path[4096];

    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

static bool exists(const char *name)
{
    return !access(in_dir(name), F_OK);
}

static struct weir_evidence_file *open_file(const char *name, uint64_t bytes)
{
    struct weir_evidence_file *f = NULL;
    struct weir_error e = { 0 };

    if (weir_evidence_file_open(in_dir(name), "scan.vertical from 192.0.2.1", bytes, &f, &e) < 0)
        fail_msg("%s", e.text);
    return f;
}

/* A packet whose bytes and length follow from its number. */
static struct weir_evidence_packet packet(uint32_t number, uint8_t data[2000])
{
    struct weir_random random = { .state = number };
    uint32_t cap = number * 37 % 1500;

    weir_random_bytes(&random, data, cap);
    return (struct weir_evidence_packet){ .data = data,
                                          .cap = cap,
                                          .wire = cap + number % 3 * 1000,
                                          .ts_ns = 1795000000 * SECOND + number * 1001ULL,
                                          .interface = 2 + number % 3,
                                          .name = number % 3 == 1 ? "eth0" : NULL,
                                          .link = number % 3 == 2 ? 101 : 1,
                                          .direction = number % 3,
                                          .hook = number % 4 == 3 ? 0 : 1 + number % 2,
                                          .verdict = number % 5,
                                          .comment = number % 2 ? "scan.vertical: drop" : NULL };
}

static void close_file(struct weir_evidence_file *f)
{
    struct weir_error e = { 0 };

    if (weir_evidence_file_close(f, &e) < 0)
        fail_msg("%s", e.text);
}

/* Every packet of the file is the one of its number; returns how many. */
static uint32_t read_back(const char *name)
{
    struct weir_capture *c = NULL;
    struct weir_capture_packet got;
    struct weir_error e = { 0 };
    uint8_t data[2000];
    uint32_t n = 0;
    int r;

    if (weir_capture_open(in_dir(name), 1 << 16, &c, &e) < 0)
        fail_msg("%s", e.text);
    while ((r = weir_capture_next(c, &got, &e)) > 0) {
        struct weir_evidence_packet want = packet(n, data);

        assert_int_equal(got.cap, want.cap);
        assert_int_equal(got.wire, want.wire);
        assert_int_equal(got.ts_ns, want.ts_ns);
        assert_int_equal(got.datalink, want.link);
        assert_memory_equal(got.data, want.data, want.cap);
        n++;
    }
    if (r < 0)
        fail_msg("%s", e.text);
    weir_capture_free(c);
    return n;
}

static void what_is_written_is_read(void **state)
{
    struct weir_evidence_file *f = open_file("a.pcapng", MIB);
    uint8_t data[2000];

    (void)state;
    for (uint32_t i = 0; i < 300; i++) {
        struct weir_evidence_packet p = packet(i, data);

        assert_int_equal(weir_evidence_file_add(f, &p), 0);
    }
    assert_int_equal(weir_evidence_file_packets(f), 300);
    assert_false(exists("a.pcapng"));
    assert_true(exists("a.pcapng.part"));
    close_file(f);
    assert_true(exists("a.pcapng"));
    assert_false(exists("a.pcapng.part"));
    assert_int_equal(read_back("a.pcapng"), 300);
}

static void never_longer_than_allowed(void **state)
{
    uint8_t data[2000];

    (void)state;
    for (uint64_t bytes = 300; bytes < 20000; bytes += 333) {
        struct weir_evidence_file *f = open_file("b.pcapng", bytes);
        uint32_t added = 0;
        struct stat st;

        for (uint32_t i = 0; i < 60; i++) {
            struct weir_evidence_packet p = packet(i, data);
            int r = weir_evidence_file_add(f, &p);

            assert_true(r == 0 || r == -EFBIG);
            added += r == 0;
            assert_true(added == i + 1 || r < 0); /* no packet behind one that is missing */
        }
        close_file(f);
        assert_int_equal(stat(in_dir("b.pcapng"), &st), 0);
        assert_true((uint64_t)st.st_size <= bytes);
        assert_int_equal(read_back("b.pcapng"), added);
    }
}

static size_t slurp(const char *name, char *to, size_t size)
{
    FILE *f = fopen(in_dir(name), "rb");
    size_t n;

    assert_non_null(f);
    n = fread(to, 1, size, f);
    fclose(f);
    return n;
}

static void loss_is_written_down(void **state)
{
    static char bytes[1 << 16];
    struct weir_evidence_file *f = open_file("c.pcapng", MIB);
    uint8_t data[2000];
    struct weir_evidence_packet p = packet(7, data);
    size_t n;

    (void)state;
    assert_int_equal(weir_evidence_file_add(f, &p), 0);
    weir_evidence_file_lost(f, 41);
    close_file(f);
    n = slurp("c.pcapng", bytes, sizeof(bytes));
    assert_non_null(memmem(bytes, n, "41 packets of evidence are not here", 35));
    assert_null(memmem(bytes, n, "was full", 8));
    assert_non_null(memmem(bytes, n, "scan.vertical from 192.0.2.1", 28));
}

static void private_and_never_through_a_link(void **state)
{
    struct weir_evidence_file *f = open_file("d.pcapng", MIB);
    struct weir_error e = { 0 };
    struct stat st;

    (void)state;
    assert_int_equal(stat(in_dir("d.pcapng.part"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    weir_evidence_file_drop(f);
    assert_false(exists("d.pcapng.part"));
    assert_int_equal(symlink("/dev/null", in_dir("e.pcapng.part")), 0);
    assert_int_equal(weir_evidence_file_open(in_dir("e.pcapng"), NULL, MIB, &f, &e), -EEXIST);
    assert_non_null(strstr(e.text, "e.pcapng.part"));
    e.text[0] = '\0';
    assert_int_equal(weir_evidence_file_open(in_dir("f.pcapng"), NULL, 100, &f, &e), -EFBIG);
    assert_false(exists("f.pcapng.part"));
}

static void long_comments_are_cut(void **state)
{
    static char comment[70000];
    struct weir_evidence_file *f = open_file("g.pcapng", MIB);
    uint8_t data[2000];
    struct weir_evidence_packet p = packet(0, data);

    (void)state;
    memset(comment, 'c', sizeof(comment) - 1);
    p.comment = comment;
    assert_int_equal(weir_evidence_file_add(f, &p), 0);
    assert_true(weir_evidence_file_bytes(f) < 6000);
    close_file(f);
    assert_int_equal(read_back("g.pcapng"), 1);
}

static void names_are_plain(void **state)
{
    char name[WEIR_EVIDENCE_FILE_NAME];
    static char longest[300];

    (void)state;
    assert_string_equal(
        weir_evidence_name(1795407712 * SECOND, "scan.vertical", "192.0.2.1", 17, name),
        "weir-20261123T042152Z-scan.vertical-192.0.2.1-17.pcapng");
    assert_string_equal(weir_evidence_name(0, "a/../b", "2001:db8::1", 0, name),
                        "weir-19700101T000000Z-a-..-b-2001-db8--1-0.pcapng");
    memset(longest, 'x', sizeof(longest) - 1);
    (void)weir_evidence_name(UINT64_MAX, longest, longest, UINT64_MAX, name);
    assert_true(strlen(name) < WEIR_EVIDENCE_FILE_NAME);
    assert_non_null(strstr(name, ".pcapng"));
}

static void make(const char *name, int64_t written_s, size_t bytes)
{
    const struct timespec times[2] = { { .tv_sec = written_s }, { .tv_sec = written_s } };
    int fd = open(in_dir(name), O_CREAT | O_WRONLY, 0600);

    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (off_t)bytes), 0);
    assert_int_equal(futimens(fd, times), 0);
    close(fd);
}

static uint32_t prune(struct weir_evidence_limits limits, bool parts)
{
    struct weir_error e = { 0 };
    uint32_t removed = 0;

    if (weir_evidence_prune(dir, &limits, 10000, parts, &removed, &e) < 0)
        fail_msg("%s", e.text);
    return removed;
}

static void the_oldest_go_first(void **state)
{
    struct weir_error e = { 0 };
    uint32_t removed;
    char name[32];

    (void)state;
    for (int i = 0; i < 10; i++) {
        (void)snprintf(name, sizeof(name), "weir-%d.pcapng", (i * 7) % 10);
        make(name, 1000 + (i * 7) % 10, 1000);
    }
    make("other.pcapng", 1, 100000);
    make("weir-0.pcapng.part", 1, 100000);
    assert_int_equal(prune((struct weir_evidence_limits){ 0 }, false), 0);
    assert_int_equal(prune((struct weir_evidence_limits){ .files = 8 }, false), 2);
    assert_false(exists("weir-1.pcapng"));
    assert_true(exists("weir-2.pcapng"));
    assert_int_equal(prune((struct weir_evidence_limits){ .bytes = 6999 }, false), 2);
    assert_false(exists("weir-3.pcapng"));
    assert_int_equal(prune((struct weir_evidence_limits){ .age_s = 10000 - 1007 }, false), 3);
    assert_false(exists("weir-6.pcapng"));
    assert_true(exists("weir-7.pcapng"));
    assert_true(exists("weir-0.pcapng.part"));
    assert_int_equal(prune((struct weir_evidence_limits){ 0 }, true), 1);
    assert_false(exists("weir-0.pcapng.part"));
    assert_true(exists("other.pcapng"));
    assert_int_equal(weir_evidence_prune("/nonexistent", &(struct weir_evidence_limits){ 0 }, 0,
                                         false, &removed, &e),
                     -ENOENT);
}

static int make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
    char command[128];

    (void)state;
    (void)snprintf(command, sizeof(command), "rm -r '%s'", dir);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(never_longer_than_allowed),
        cmocka_unit_test(loss_is_written_down),
        cmocka_unit_test(private_and_never_through_a_link),
        cmocka_unit_test(long_comments_are_cut),
        cmocka_unit_test(names_are_plain),
        cmocka_unit_test(the_oldest_go_first),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
