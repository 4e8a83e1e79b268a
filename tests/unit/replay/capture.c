/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/capture_file.h"
#include "harness/run.h"
#include "replay/capture.h"

#include <string.h>

#define ETHERNET 1
#define RAW 101

/* Read all of f: times and links of its packets; returns how many, *ret_r how it ended. */
static unsigned read_all(const struct capture_file *f, uint64_t *ns, int *link, int *ret_r,
                         struct weir_error *e)
{
    struct weir_capture_packet p;
    struct weir_capture *c;
    unsigned n = 0;

    memset(e, 0, sizeof(*e));
    *ret_r = weir_capture_open(f->path, 65536, &c, e);
    if (*ret_r < 0)
        return 0;
    while ((*ret_r = weir_capture_next(c, &p, e)) > 0) {
        assert_true(n < 16);
        assert_int_equal(p.number, n + 1);
        ns[n] = p.ts_ns;
        link[n++] = p.datalink;
    }
    weir_capture_free(c);
    return n;
}

static void three(struct capture_file *f, bool nanoseconds)
{
    capture_file_make(f);
    capture_file_pcap(f, nanoseconds, ETHERNET);
    for (__u32 i = 0; i < 3; i++)
        capture_file_record(f, 100 + i, 7, PACKET(.tcp = { .flags = WEIR_SYN }));
}

static void pcap(void **state)
{
    struct weir_error e;
    struct capture_file f;
    uint64_t ns[16];
    int link[16], r;

    (void)state;
    three(&f, false);
    assert_int_equal(read_all(&f, ns, link, &r, &e), 3);
    assert_int_equal(r, 0);
    assert_int_equal(ns[0], 100000007000ULL);
    capture_file_gzip(&f);
    assert_int_equal(read_all(&f, ns, link, &r, &e), 3);
    capture_file_remove(&f);
    three(&f, true);
    assert_int_equal(read_all(&f, ns, link, &r, &e), 3);
    assert_int_equal(ns[2], 102000000007ULL);
    assert_int_equal(link[2], ETHERNET);
    capture_file_remove(&f);
}

static void cut_files_give_what_they_have(void **state)
{
    struct weir_error e;
    struct capture_file f;
    uint64_t ns[16];
    int link[16], r;

    (void)state;
    three(&f, false);
    capture_file_cut(&f, capture_file_size(&f) - 10);
    assert_int_equal(read_all(&f, ns, link, &r, &e), 2);
    assert_true(r < 0);
    assert_non_null(strstr(e.text, f.path));
    assert_non_null(strstr(e.text, "packet 3"));
    capture_file_remove(&f);
    three(&f, false);
    capture_file_gzip(&f);
    capture_file_cut(&f, capture_file_size(&f) - 12);
    (void)read_all(&f, ns, link, &r, &e);
    assert_true(r < 0);
    assert_non_null(strstr(e.text, "gzip"));
    capture_file_remove(&f);
}

static void what_is_no_capture(void **state)
{
    struct capture_file f;
    struct weir_error e;
    uint64_t ns[16];
    int link[16], r;

    (void)state;
    capture_file_make(&f);
    assert_int_equal(read_all(&f, ns, link, &r, &e), 0);
    assert_true(r < 0);
    capture_file_add(&f, "this is no capture, however long one looks at it", 48);
    assert_int_equal(read_all(&f, ns, link, &r, &e), 0);
    assert_true(r < 0);
    assert_non_null(strstr(e.text, f.path));
    capture_file_remove(&f);
    assert_int_equal(read_all(&f, ns, link, &r, &e), 0);
    assert_non_null(strstr(e.text, "No such file"));
}

static void pcapng(void **state)
{
    struct weir_error e;
    struct capture_file f;
    uint64_t ns[16];
    int link[16], r;

    (void)state;
    for (int swapped = 0; swapped < 2; swapped++) {
        capture_file_make(&f);
        capture_file_section(&f, swapped);
        capture_file_interface(&f, swapped, ETHERNET, 65535, 6);
        capture_file_interface(&f, swapped, RAW, 128, 9);
        capture_file_interface(&f, swapped, ETHERNET, 0, 0x80 | 10);
        capture_file_block(&f, swapped, 0, 5000000, PACKET());
        capture_file_block(&f, swapped, 1, 6000000001, PACKET());
        capture_file_block(&f, swapped, 2, 7 << 10 | 512, PACKET());
        capture_file_section(&f, !swapped);
        capture_file_interface(&f, !swapped, ETHERNET, 65535, 3);
        capture_file_block(&f, !swapped, 0, 8001, PACKET());
        assert_int_equal(read_all(&f, ns, link, &r, &e), 4);
        assert_int_equal(r, 0);
        assert_int_equal(ns[0], 5000000000ULL);
        assert_int_equal(ns[1], 6000000001ULL);
        assert_int_equal(ns[2], 7500000000ULL);
        assert_int_equal(ns[3], 8001000000ULL);
        assert_int_equal(link[1], RAW);
        capture_file_cut(&f, capture_file_size(&f) - 8);
        assert_int_equal(read_all(&f, ns, link, &r, &e), 3);
        assert_true(r < 0);
        assert_non_null(strstr(e.text, "packet 4"));
        capture_file_remove(&f);
    }
}

static void pcapng_of_no_interface(void **state)
{
    struct weir_error e;
    struct capture_file f;
    uint64_t ns[16];
    int link[16], r;

    (void)state;
    capture_file_make(&f);
    capture_file_section(&f, false);
    capture_file_block(&f, false, 3, 0, PACKET());
    assert_int_equal(read_all(&f, ns, link, &r, &e), 0);
    assert_true(r < 0);
    assert_non_null(strstr(e.text, "not described (3)"));
    capture_file_remove(&f);
}

static void damaged_gzip_is_named(void **state)
{
    static const char deflate[] = "\x1f\x8b\x08\0\0\0\0\0\0\3\xff\xff\xff\xff\xff\xff\xff\xff";
    struct weir_capture *c = NULL;
    struct weir_error e = { 0 };
    struct capture_file f;

    (void)state;
    capture_file_make(&f);
    capture_file_add(&f, deflate, sizeof(deflate));
    assert_true(weir_capture_open(f.path, 1 << 16, &c, &e) < 0);
    assert_non_null(strstr(e.text, "gzip"));
    capture_file_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pcap),
        cmocka_unit_test(cut_files_give_what_they_have),
        cmocka_unit_test(what_is_no_capture),
        cmocka_unit_test(pcapng),
        cmocka_unit_test(pcapng_of_no_interface),
        cmocka_unit_test(damaged_gzip_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
