/* SPDX-License-Identifier: Apache-2.0 */

/* The bytes of a client of the daemon's socket: frames, then requests. */

#include <stdlib.h>

#include "cli/frame.h"
#include "daemon/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What came through must be within what the engine is promised. */
static void expect_bounds(const struct weir_request *q)
{
    if (q->ask >= WEIR_ASK_MAX || q->mode >= WEIR_MODE_MAX || q->prefix.bits > 128 ||
        q->seconds > WEIR_BAN_SECONDS_MAX || q->reason[WEIR_BAN_REASON - 1])
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *at = (const char *)data, *body;
    size_t len;
    int n;

    while ((n = weir_frame_split(at, size, WEIR_REQUEST_MAX, &body, &len)) > 0) {
        struct weir_request q;
        struct weir_error e = { 0 };

        if (weir_request_parse(body, len, &q, &e) == 0) {
            expect_bounds(&q);
            weir_request_free(&q);
        } else if (!e.text[0]) {
            abort();
        }
        at += n;
        size -= (size_t)n;
    }
    return 0;
}
