/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The reserved bit of IPv4's fragment field, which must be 0 (RFC 791 3.1). Snort 116:448. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_ip_reserved_bit(const struct weir_pkt *p,
                                                            struct weir_evidence *e)
{
    (void)e;
    return (p->traits & WEIR_TRAIT_IP4_RESERVED) ? WEIR_HIT : WEIR_MISS;
}
