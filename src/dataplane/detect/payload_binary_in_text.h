/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A port for a protocol of text (HTTP/1, SSH, SMTP, FTP), and the first line has NUL or another
 * control character; not when it is TLS or HTTP/2 instead. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_payload_binary_in_text(const struct weir_pkt *p,
                                                         const struct weir_track *t,
                                                         struct weir_evidence *e)
{
    (void)p;
    if (!(t->facts & WEIR_FACT_NOT_TEXT))
        return WEIR_MISS;
    weir_evidence_set(e, t->payload[0], t->payload[1], 0);
    return WEIR_HIT;
}
