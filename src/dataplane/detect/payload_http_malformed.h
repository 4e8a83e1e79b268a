/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A port for HTTP, and the first line is neither a request line nor a status line of HTTP/1 (RFC
 * 9112 3 and 4), nor does HTTP/2 begin (RFC 9113 3.4). Judged as far as the first 64 bytes go: a
 * method is upper case, a target has no blank, the version is 1.x. HTTP/0.9 is none. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_payload_http_malformed(const struct weir_pkt *p,
                                                         const struct weir_track *t,
                                                         struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_NOT_HTTP))
        return WEIR_MISS;
    weir_evidence_set(e, t->payload[0], t->payload[1], 0);
    return WEIR_HIT;
}
