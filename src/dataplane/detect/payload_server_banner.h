/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A port for SMTP or FTP, and the server does not begin with 220, 120, or a refusal of 4xx or 5xx
 * (RFC 5321 4.3.2, RFC 959 5.4). */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_payload_server_banner(const struct weir_pkt *p,
                                                        const struct weir_track *t,
                                                        struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_NOT_REPLY))
        return WEIR_MISS;
    weir_evidence_set(e, t->payload[0], t->payload[1], 0);
    return WEIR_HIT;
}
