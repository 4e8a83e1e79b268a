/* SPDX-License-Identifier: Apache-2.0 */

/* A policy and its list from anybody: what `weir policy check` reads, and what the daemon is sent.
 * Up to the first zero byte it is the policy, behind it the list "x.netset"; the whole is also read
 * as a bundle. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_faults(const struct weir_faults *f, const struct weir_bundle *b)
{
    struct weir_buf out = { 0 };
    struct weir_json j = { .out = &out };

    for (size_t i = 0; i < f->n; i++)
        if (!f->v[i].at.line || f->v[i].at.file >= b->files || !f->v[i].text[0])
            abort();
    if (!f->n)
        abort();
    weir_faults_write(f, b, &out);
    weir_faults_json(f, b, &j);
    weir_buf_free(&out);
}

/* What came through is within what the table promises. */
static void expect_settings(const struct weir_settings *s)
{
    struct weir_buf out = { 0 };
    struct weir_json j = { .out = &out };

    if (s->mode >= WEIR_MODE_MAX || s->zones.n >= WEIR_ZONES || s->limits.bans < 64 ||
        s->limits.events_high & (s->limits.events_high - 1))
        abort();
    for (size_t i = 0; i < s->detections.n; i++)
        if (s->detections.v[i].row >= WEIR_ROW_MAX || s->detections.v[i].action >= WEIR_ACTION_MAX)
            abort();
    for (size_t i = 1; i < s->denied.n; i++)
        if (memcmp(s->denied.v[i - 1].prefix.addr, s->denied.v[i].prefix.addr, 16) > 0)
            abort();
    for (size_t i = 0; i < s->denied.n; i++)
        if (s->denied.v[i].prefix.bits > 128 || s->denied.v[i].item >= s->deny.n)
            abort();
    weir_settings_show(s, &out);
    weir_settings_json(s, &j);
    weir_buf_free(&out);
}

static void bundle_try(const uint8_t *data, size_t size)
{
    struct weir_bundle b = { 0 };
    struct weir_buf out = { 0 };

    if (weir_bundle_read(&b, (const char *)data, size, NULL) == 0) {
        weir_bundle_write(&b, &out);
        if (out.len != size || memcmp(out.data, data, size) != 0)
            abort();
    }
    weir_buf_free(&out);
    weir_bundle_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *zero = size ? memchr(data, 0, size) : NULL;
    size_t len = zero ? (size_t)(zero - data) : size;
    struct weir_bundle b = { .closed = true };
    struct weir_settings *s = NULL;
    struct weir_faults f;
    int r;

    bundle_try(data, size);
    if (weir_bundle_add(&b, "p", (const char *)data, len, NULL) < 0)
        return 0;
    if (zero && weir_bundle_add(&b, "x.netset", (const char *)zero + 1, size - len - 1, NULL) < 0)
        return 0;
    r = weir_settings_read(&b, &s, &f);
    if (r == 0)
        expect_settings(s);
    else if (r == -EBADMSG)
        expect_faults(&f, &b);
    weir_settings_free(s);
    weir_bundle_free(&b);
    return 0;
}
