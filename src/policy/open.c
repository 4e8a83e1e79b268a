/* SPDX-License-Identifier: Apache-2.0 */

/* A policy file with its lists, for who wants all of it or the reasons why not. */

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "policy/settings.h"

int weir_settings_open(const char *path, struct weir_settings **ret, struct weir_buf *why)
{
    _cleanup_(weir_bundle_free) struct weir_bundle b = { 0 };
    _cleanup_free_ struct weir_faults *f = calloc(1, sizeof(*f));
    struct weir_error e = { 0 };
    int r = f ? weir_bundle_open(&b, path, &e) : -ENOMEM;

    if (r == 0)
        r = weir_settings_read(&b, ret, f);
    if (r == -EBADMSG)
        weir_faults_write(f, &b, why);
    else if (r < 0)
        weir_buf_addf(why, "weir: %s\n", e.text[0] ? e.text : strerror(-r));
    return r;
}
