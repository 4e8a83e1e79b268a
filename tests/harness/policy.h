/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A policy from a string, and what is wrong with it. */

#include "harness/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/settings.h"

/* list: the text of "x.netset", NULL without. Returns what weir_settings_read() does; what is wrong
 * is in text, a line each, with the policy called "p" and the list "x.netset". */
static inline int policy_read(const char *policy, const char *list, struct weir_settings **ret,
                              char text[8192])
{
    struct weir_bundle b = { .closed = true };
    struct weir_buf out = { 0 };
    struct weir_faults f;
    int r;

    *ret = NULL;
    assert_int_equal(weir_bundle_add(&b, "p", policy, strlen(policy), NULL), 0);
    if (list)
        assert_int_equal(weir_bundle_add(&b, "x.netset", list, strlen(list), NULL), 0);
    r = weir_settings_read(&b, ret, &f);
    if (r < 0)
        weir_faults_write(&f, &b, &out);
    (void)snprintf(text, 8192, "%.*s", (int)out.len, out.data ? out.data : "");
    weir_buf_free(&out);
    weir_bundle_free(&b);
    return r;
}

static inline struct weir_settings *policy_good(const char *policy, const char *list)
{
    struct weir_settings *s;
    char text[8192];

    if (policy_read(policy, list, &s, text) < 0)
        fail_msg("%s\n%s", policy, text);
    return s;
}
