/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/run.h"

#include <errno.h>
#include <string.h>

#include "cli/frame.h"

static void what_is_written_is_read(void **state)
{
    struct weir_buf out = { 0 };
    const char *body;
    size_t begin, len;

    (void)state;
    for (int i = 0; i < 2; i++) {
        begin = weir_frame_begin(&out);
        weir_buf_add_str(&out, i ? "{\"b\":2}" : "{}");
        weir_frame_end(&out, begin);
    }
    assert_int_equal(out.len, 6 + 11);
    assert_int_equal(weir_frame_split(out.data, out.len, 64, &body, &len), 6);
    assert_int_equal(len, 2);
    assert_memory_equal(body, "{}", 2);
    assert_int_equal(weir_frame_split(out.data + 6, out.len - 6, 64, &body, &len), 11);
    assert_memory_equal(body, "{\"b\":2}", 7);
    weir_buf_free(&out);
}

static void a_part_is_no_frame(void **state)
{
    const char *body;
    size_t len;

    (void)state;
    for (size_t n = 0; n < 6; n++)
        assert_int_equal(weir_frame_split("\2\0\0\0{}", n, 64, &body, &len), 0);
    assert_int_equal(weir_frame_split("\2\0\0\0{}", 6, 64, &body, &len), 6);
}

static void length_has_bounds(void **state)
{
    const char *body;
    size_t len;

    (void)state;
    assert_int_equal(weir_frame_split("\0\0\0\0", 4, 64, &body, &len), -EMSGSIZE);
    assert_int_equal(weir_frame_split("\101\0\0\0", 4, 64, &body, &len), -EMSGSIZE);
    assert_int_equal(weir_frame_split("\100\0\0\0", 4, 64, &body, &len), 0);
    assert_int_equal(weir_frame_split("\377\377\377\377", 4, 64, &body, &len), -EMSGSIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_part_is_no_frame),
        cmocka_unit_test(length_has_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
