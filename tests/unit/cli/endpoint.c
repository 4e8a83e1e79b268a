/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include <errno.h>

#include "cli/endpoint.h"

static void every_form(void **state)
{
    static const struct {
        const char *text, *addr;
        int port; /* -1: none */
    } good[] = {
        { "192.0.2.1", "192.0.2.1", -1 },
        { "192.0.2.1:80", "192.0.2.1", 80 },
        { "192.0.2.1:0", "192.0.2.1", 0 },
        { "2001:db8::1", "2001:db8::1", -1 },
        { "::", "::", -1 },
        { "::1", "::1", -1 },
        { "[2001:db8::1]", "2001:db8::1", -1 },
        { "[2001:db8::1]:65535", "2001:db8::1", 65535 },
        { "::ffff:192.0.2.1", "::ffff:192.0.2.1", -1 },
    };
    struct weir_endpoint e;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(weir_endpoint_parse(good[i].text, &e), 0);
        assert_string_equal(e.addr, good[i].addr);
        assert_int_equal(e.has_port, good[i].port >= 0);
        assert_int_equal(e.port, good[i].port < 0 ? 0 : good[i].port);
    }
}

static void everything_else_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        ":",
        ":80",
        "192.0.2.1:",
        "192.0.2.1:65536",
        "192.0.2.1:-1",
        "192.0.2.1: 80",
        "192.0.2.1:80x",
        "192.0.2",
        "192.0.2.1/24",
        "[192.0.2.1]:80",
        "[2001:db8::1",
        "2001:db8::1]:80",
        "[2001:db8::1]80",
        "[]:80",
        "name:80",
        "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd",
    };
    struct weir_endpoint e = { .port = 7 };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(weir_endpoint_parse(bad[i], &e), -EINVAL);
    assert_int_equal(e.port, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form),
        cmocka_unit_test(everything_else_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
