/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The field holds the pseudo-header's sum alone: the sender left the rest to its hardware
 * (CHECKSUM_PARTIAL). Ordinary on veth, tap and loopback, and in captures taken at the sender. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_checksum_pending(const struct weir_pkt *p,
                                                             struct weir_evidence *e)
{
    (void)e;
    return (p->traits & WEIR_TRAIT_CHECKSUM_PENDING) ? WEIR_HIT : WEIR_MISS;
}
