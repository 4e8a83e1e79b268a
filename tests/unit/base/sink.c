/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>

#include "base/sink.h"

#define LINE 100 /* bytes, with the newline */

static char folder[] = "/tmp/weir-sink-XXXXXX", path[64];

static int folder_make(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(path, sizeof(path), "%s/out", folder);
    return 0;
}

static int folder_remove(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

/* A pipe that nobody reads yet; returns the end that could. */
static int unread(struct weir_sink *s)
{
    int fd;

    (void)unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    fd = open(path, O_RDONLY | O_NONBLOCK);
    assert_true(fd >= 0);
    assert_int_equal(weir_sink_open(s, path), 0);
    return fd;
}

static void put(struct weir_sink *s, unsigned number)
{
    char line[LINE + 1];

    (void)snprintf(line, sizeof(line), "%0*u\n", LINE - 1, number);
    (void)weir_sink_put(s, line, LINE);
}

static void a_file_has_all_lines(void **state)
{
    struct weir_sink s = { 0 };
    struct stat st;

    (void)state;
    (void)unlink(path);
    assert_int_equal(weir_sink_open(&s, path), 0);
    for (unsigned i = 0; i < 2 * WEIR_SINK_QUEUE / LINE; i++)
        put(&s, i);
    assert_int_equal(weir_sink_close(&s), 0);
    assert_int_equal(s.lost, 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 2 * WEIR_SINK_QUEUE / LINE * LINE);
}

/* What nobody reads is kept as far as there is room; the rest is lost in whole lines. */
static void who_does_not_read_stops_nobody(void **state)
{
    const unsigned lines = 2 * WEIR_SINK_QUEUE / LINE;
    struct weir_sink s = { 0 };
    int fd = unread(&s);
    unsigned read_lines = 0, next = 0;
    char line[LINE + 1] = { 0 };
    FILE *f;

    (void)state;
    for (unsigned i = 0; i < lines; i++)
        put(&s, i);
    assert_int_equal(weir_sink_flush(&s), 0);
    assert_true(s.lost > 0 && s.lost < lines);
    f = fdopen(fd, "r");
    assert_non_null(f);
    for (bool more = true; more;) {
        more = s.queue.len > 0;
        assert_int_equal(weir_sink_flush(&s), 0);
        while (fgets(line, sizeof(line), f)) {
            size_t have = strlen(line);

            if (line[have - 1] != '\n') { /* cut by the pipe's end: the rest comes with a flush */
                assert_int_equal(weir_sink_flush(&s), 0);
                clearerr(f);
                assert_non_null(fgets(line + have, (int)(sizeof(line) - have), f));
            }
            assert_int_equal(strlen(line), LINE);
            assert_int_equal(strtoul(line, NULL, 10), next++);
            read_lines++;
        }
        clearerr(f);
    }
    assert_int_equal(read_lines + s.lost, lines);
    assert_int_equal(weir_sink_close(&s), 0);
    (void)fclose(f);
}

static void closing_does_not_wait_for_ever(void **state)
{
    struct weir_sink s = { 0 };
    int fd = unread(&s);

    (void)state;
    for (unsigned i = 0; i < WEIR_SINK_QUEUE / LINE; i++)
        put(&s, i);
    assert_int_equal(weir_sink_close(&s), 0);
    assert_true(s.lost > 0);
    (void)close(fd);
}

/* Standard output as systemd's journal gives it. */
static void a_socket_is_not_waited_for_either(void **state)
{
    const unsigned lines = 4 * WEIR_SINK_QUEUE / LINE;
    struct weir_sink s = { 0 };
    int pair[2], was = dup(STDOUT_FILENO);

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(dup2(pair[0], STDOUT_FILENO), STDOUT_FILENO);
    assert_int_equal(weir_sink_open(&s, NULL), 0);
    for (unsigned i = 0; i < lines; i++)
        put(&s, i);
    assert_int_equal(weir_sink_flush(&s), 0);
    assert_int_equal(dup2(was, STDOUT_FILENO), STDOUT_FILENO);
    assert_true(s.lost > 0 && s.lost < lines);
    (void)close(pair[0]);
    s.fd = -1; /* standard output is another one again */
    weir_buf_free(&s.queue);
    (void)close(pair[1]);
    (void)close(was);
}

static void a_reader_that_is_gone_is_an_error(void **state)
{
    struct weir_sink s = { 0 };

    (void)state;
    (void)signal(SIGPIPE, SIG_IGN);
    (void)close(unread(&s));
    put(&s, 1);
    assert_int_equal(weir_sink_flush(&s), -EPIPE);
    assert_int_equal(s.lost, 1);
    (void)weir_sink_close(&s);
    assert_int_equal(weir_sink_open(&s, path), -ENXIO); /* a pipe without a reader */
}

/* A line that was cut when the disk was full does not swallow the next one. */
static void a_cut_line_ends(void **state)
{
    struct rlimit was, small;
    struct weir_sink s = { 0 };
    char text[3 * LINE] = { 0 };
    FILE *f;

    (void)state;
    (void)unlink(path);
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    small = was;
    small.rlim_cur = LINE + 7;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(weir_sink_open(&s, path), 0);
    put(&s, 1);
    put(&s, 2);
    assert_int_equal(weir_sink_flush(&s), -EFBIG);
    assert_int_equal(s.lost, 1);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
    put(&s, 3);
    assert_int_equal(weir_sink_close(&s), 0);
    f = fopen(path, "r");
    assert_non_null(f);
    assert_int_equal(fread(text, 1, sizeof(text), f), 2 * LINE + 8);
    (void)fclose(f);
    assert_int_equal(text[LINE + 7], '\n');
    assert_int_equal(strtoul(text + LINE + 8, NULL, 10), 3);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_file_has_all_lines),
    cmocka_unit_test(who_does_not_read_stops_nobody),
    cmocka_unit_test(closing_does_not_wait_for_ever),
    cmocka_unit_test(a_socket_is_not_waited_for_either),
    cmocka_unit_test(a_reader_that_is_gone_is_an_error),
    cmocka_unit_test(a_cut_line_ends),
};

int main(void)
{
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
