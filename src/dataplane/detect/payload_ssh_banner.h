/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A port for SSH, and the client's first line, or the server's, is no identification of version 2
 * (RFC 4253 4.2). A server may send other lines before it, of text. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_payload_ssh_banner(const struct weir_pkt *p,
                                                     const struct weir_track *t,
                                                     struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_NOT_SSH))
        return WEIR_MISS;
    weir_evidence_set(e, t->payload[0], t->payload[1], 0);
    return WEIR_HIT;
}
