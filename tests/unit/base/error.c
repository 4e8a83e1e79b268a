/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"

#include <errno.h>
#include <string.h>

static void text_and_errno_are_set(void **state)
{
    struct weir_error e = { 0 };

    (void)state;
    assert_int_equal(weir_error_set(&e, EINVAL, "line %d: %s", 3, "no"), -EINVAL);
    assert_string_equal(e.text, "line 3: no");
}

static void the_first_cause_stays(void **state)
{
    struct weir_error e = { 0 };

    (void)state;
    (void)weir_error_set(&e, EIO, "first");
    assert_int_equal(weir_error_set(&e, ENOENT, "second"), -ENOENT);
    assert_string_equal(e.text, "first");
}

static void nobody_need_listen(void **state)
{
    (void)state;
    assert_int_equal(weir_error_set(NULL, EPERM, "%s", "x"), -EPERM);
}

static void long_text_is_cut_and_terminated(void **state)
{
    struct weir_error e = { 0 };

    (void)state;
    (void)weir_error_set(&e, EIO, "%2000d", 1);
    assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_and_errno_are_set),
        cmocka_unit_test(the_first_cause_stays),
        cmocka_unit_test(nobody_need_listen),
        cmocka_unit_test(long_text_is_cut_and_terminated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
