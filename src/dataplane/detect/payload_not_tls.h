/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A port for TLS, and what the client or the server says first is no record of a handshake (from
 * the server, or of an alert): RFC 8446 5.1 and 4. Cleartext, a tunnel, or another protocol, for
 * which see payload.protocol_mismatch. A hello in the form of SSL 2 is none either. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_payload_not_tls(const struct weir_pkt *p,
                                                  const struct weir_track *t,
                                                  struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_NOT_TLS))
        return WEIR_MISS;
    weir_evidence_set(e, t->payload[0], t->payload[1], 0);
    return WEIR_HIT;
}
