/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Inequality I of nf_conntrack_proto_tcp.c: the segment begins beyond the right edge of the
 * window that its receiver advertised, by more than a window or with an impossible
 * acknowledgement. Suricata 2210020 est_packet_out_of_window. */
#include "dataplane/hit.h"
#include "dataplane/track.h"

WEIR_FN enum weir_hit weir_detect_seq_out_of_window(const struct weir_pkt *p,
                                                    const struct weir_track *t,
                                                    struct weir_evidence *e)
{
    if (!(t->facts & WEIR_FACT_SEQ_OVER) || p->tcp_flags & WEIR_FIN)
        return WEIR_MISS;
    weir_evidence_set(e, t->bound, t->value, 0);
    return WEIR_HIT;
}
