/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* SYN with FIN: opens and closes at once; old filters took it for one or the other. T/TCP, the only
 * user, is historic (RFC 6247). Snort 116:420. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_syn_fin(const struct weir_pkt *p,
                                                    struct weir_evidence *e)
{
    (void)e;
    return p->traits & WEIR_TRAIT_TCP_FLAGS && weir_pkt_is_tcp(p) &&
                   weir_has_all(p->tcp_flags, WEIR_SYN | WEIR_FIN)
               ? WEIR_HIT
               : WEIR_MISS;
}
