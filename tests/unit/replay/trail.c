/* SPDX-License-Identifier: Apache-2.0 */

/* weir_replay() with evidence: which files, and what is in them. */

#include "harness/capture_file.h"
#include "harness/run.h"
#include "replay/replay.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char dir[64], err[1 << 16];
static int status;

static void replay(struct capture_file *f, struct weir_settings *policy)
{
    char *paths[1] = { f->path };
    struct weir_replay_options o = { .paths = paths,
                                     .files = 1,
                                     .json = true,
                                     .evidence = dir,
                                     .policy = policy,
                                     .memory_bytes = WEIR_REPLAY_MEMORY_MIN,
                                     .out = tmpfile(),
                                     .err = tmpfile() };

    assert_non_null(o.out);
    assert_non_null(o.err);
    status = weir_replay(&o);
    rewind(o.err);
    err[fread(err, 1, sizeof(err) - 1, o.err)] = '\0';
    (void)fclose(o.out);
    (void)fclose(o.err);
}

/* The one file with this text in its name. */
static const char *found(const char *part)
{
    static char path[512];
    DIR *d = opendir(dir);
    const struct dirent *at;
    unsigned n = 0;

    assert_non_null(d);
    while ((at = readdir(d))) {
        if (!strstr(at->d_name, part))
            continue;
        (void)snprintf(path, sizeof(path), "%s/%s", dir, at->d_name);
        n++;
    }
    (void)closedir(d);
    assert_int_equal(n, 1);
    return path;
}

struct content {
    unsigned packets;
    unsigned heads;     /* of 128 bytes, which are longer on the wire */
    char text[1 << 17]; /* the file */
    size_t len;
};

static void look(const char *path, struct content *c)
{
    struct weir_capture *capture = NULL;
    struct weir_capture_packet p;
    struct weir_error e = { 0 };
    FILE *f = fopen(path, "rb");
    uint64_t last = 0;
    int r;

    memset(c, 0, sizeof(*c));
    assert_non_null(f);
    c->len = fread(c->text, 1, sizeof(c->text), f);
    (void)fclose(f);
    if (weir_capture_open(path, 1 << 16, &capture, &e) < 0)
        fail_msg("%s", e.text);
    while ((r = weir_capture_next(capture, &p, &e)) > 0) {
        c->packets++;
        c->heads += p.cap == WEIR_RECENT_BYTES && p.wire > p.cap;
        assert_true(p.ts_ns >= last);
        last = p.ts_ns;
    }
    if (r < 0)
        fail_msg("%s", e.text);
    weir_capture_free(capture);
}

static unsigned times(const struct content *c, const char *what)
{
    const char *at = c->text, *end = c->text + c->len;
    unsigned n = 0;

    for (; (at = memmem(at, (size_t)(end - at), what, strlen(what))); at++)
        n++;
    return n;
}

static const struct weir_packet big = { .payload_bytes = 400 };
static const struct weir_packet xmas = { .tcp = { .flags = WEIR_FIN | WEIR_PSH | WEIR_URG },
                                         .payload_bytes = 300 };

/* Heads before, the packet itself, what its source goes on to send and what it is sent. */
static void before_and_after(void **state)
{
    static struct content c;
    struct capture_file f;
    __u32 at = 100;

    (void)state;
    capture_file_make(&f);
    capture_file_pcap(&f, false, 1);
    for (int i = 0; i < 5; i++)
        capture_file_record(&f, at, 0, &big);
    capture_file_record(&f, at, 0, &xmas);
    capture_file_record(&f, at, 0, PACKET(.ip4 = { .src = "192.0.2.77" }, .payload_bytes = 500));
    capture_file_record(
        &f, at, 0,
        PACKET(.ip4 = { .src = PACKET_SERVER4, .dst = PACKET_CLIENT4 }, .payload_bytes = 200));
    replay(&f, NULL);
    assert_int_equal(status, 0);
    look(found("scan.xmas-192.0.2.10-1"), &c);
    assert_int_equal(c.packets, 7);
    assert_int_equal(c.heads, 5);
    assert_int_equal(times(&c, "weir: scan.xmas, action alert: passed, enforce mode would drop"),
                     1);
    assert_int_equal(times(&c, "weir: passed (egress)") + times(&c, "weir: passed (ingress)"), 1);
    assert_int_equal(times(&c, "scan.xmas, 192.0.2.10"), 1);
    assert_non_null(strstr(err, "Evidence:      1 files, 2 whole packets, 0 lost; 0 incidents"));
    capture_file_remove(&f);
}

static struct weir_settings *policy_of(const char *text)
{
    char path[] = "/tmp/weir-trail-XXXXXX";
    struct weir_settings *s = NULL;
    struct weir_buf why = { 0 };
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    if (weir_settings_open(path, &s, &why) < 0)
        fail_msg("%.*s", (int)why.len, why.data);
    (void)close(fd);
    (void)unlink(path);
    return s;
}

/* So many whole packets of an incident; enforced, and dropped by the deny list. */
static void as_the_policy_says(void **state)
{
    struct weir_settings *s = policy_of("mode: enforce\ndeny: [203.0.113.5]\n"
                                        "evidence: {packets: 4, recent: 64}\n");
    static struct content c;
    struct capture_file f;

    (void)state;
    capture_file_make(&f);
    capture_file_pcap(&f, false, 1);
    for (int i = 0; i < 100; i++)
        capture_file_record(&f, 100, (__u32)i, &big);
    for (int i = 0; i < 10; i++)
        capture_file_record(&f, 101, (__u32)i, &xmas);
    replay(&f, s);
    look(found("scan.xmas-192.0.2.10-1"), &c);
    assert_int_equal(c.packets, 64 + 4);
    assert_int_equal(c.heads, 64);
    assert_int_equal(times(&c, "weir: scan.xmas, action drop: dropped (ingress)"), 4);
    capture_file_remove(&f);
    weir_settings_free(s);
}

static void a_full_file_says_so(void **state)
{
    struct weir_settings *s = policy_of("evidence: {file: 4096, packets: 100}\n");
    static struct content c;
    struct capture_file f;

    (void)state;
    capture_file_make(&f);
    capture_file_pcap(&f, false, 1);
    for (int i = 0; i < 100; i++)
        capture_file_record(&f, 101, (__u32)i, &xmas);
    replay(&f, s);
    look(found("scan.xmas"), &c);
    assert_in_range(c.len, 3000, 4096);
    assert_in_range(c.packets, 5, 20);
    assert_int_equal(times(&c, "packets of evidence are not here, the file was full"), 1);
    (void)snprintf(c.text, sizeof(c.text), "1 files, %u whole packets, %u lost", c.packets,
                   100 - c.packets);
    assert_non_null(strstr(err, c.text));
    capture_file_remove(&f);
    weir_settings_free(s);
}

static void no_directory_no_replay(void **state)
{
    struct capture_file f;

    (void)state;
    (void)strcat(dir, "/no/such");
    capture_file_make(&f);
    capture_file_pcap(&f, false, 1);
    replay(&f, NULL);
    assert_int_equal(status, 1);
    assert_non_null(strstr(err, "--evidence /tmp/weir-trail-dir-"));
    capture_file_remove(&f);
    *strstr(dir, "/no/such") = '\0';
}

static int dir_make(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/weir-trail-dir-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int dir_remove(void **state)
{
    char command[128];

    (void)state;
    (void)snprintf(command, sizeof(command), "rm -r '%s'", dir);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(before_and_after, dir_make, dir_remove),
        cmocka_unit_test_setup_teardown(as_the_policy_says, dir_make, dir_remove),
        cmocka_unit_test_setup_teardown(a_full_file_says_so, dir_make, dir_remove),
        cmocka_unit_test_setup_teardown(no_directory_no_replay, dir_make, dir_remove),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
