/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* SYN with RST. Snort 116:421; Zeek baroque_SYN. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_syn_rst(const struct weir_pkt *p,
                                                    struct weir_evidence *e)
{
    (void)e;
    return p->traits & WEIR_TRAIT_TCP_FLAGS && weir_pkt_is_tcp(p) &&
                   weir_has_all(p->tcp_flags, WEIR_SYN | WEIR_RST)
               ? WEIR_HIT
               : WEIR_MISS;
}
