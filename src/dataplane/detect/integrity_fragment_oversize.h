/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A fragment that ends beyond 65,535 bytes of reassembled packet ("ping of death", CVE-1999-0128).
 * Of any protocol. Suricata 2200069, 2200071; Snort 123:4, 116:407. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_fragment_oversize(const struct weir_pkt *p,
                                                              struct weir_evidence *e)
{
    /* RFC 791 counts the header, RFC 8200 4.5 the payload alone. */
    __u32 end = p->fragment_off + (p->ip_version == 4 ? p->ip_bytes : p->fragment_bytes);

    if (!(p->traits & WEIR_TRAIT_FRAGMENT) || end <= 65535)
        return WEIR_MISS;
    weir_evidence_set(e, end, 0, 0);
    return WEIR_HIT;
}
