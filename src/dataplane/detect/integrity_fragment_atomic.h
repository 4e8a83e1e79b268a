/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* IPv6 fragment header on a packet that is whole (RFC 6946). Suricata 2200080; Snort 116:458. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_fragment_atomic(const struct weir_pkt *p,
                                                            struct weir_evidence *e)
{
    (void)e;
    return p->traits & WEIR_TRAIT_FRAGMENT && p->ip_version == 6 && !p->fragment_more &&
                   !p->fragment_off
               ? WEIR_HIT
               : WEIR_MISS;
}
