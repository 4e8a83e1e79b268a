/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Window scale above 14 (RFC 7323 2.3 tells to take 14 and log). Snort 116:59; Zeek
 * TCP_scale_range. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_window_scale(const struct weir_pkt *p,
                                                         struct weir_evidence *e)
{
    if (!(p->traits & (WEIR_TRAIT_SYN | WEIR_TRAIT_OPTION_SYN_ONLY) &&
          p->options & WEIR_OPTION_WSCALE && p->wscale > 14))
        return WEIR_MISS;
    weir_evidence_set(e, p->wscale, 0, 0);
    return WEIR_HIT;
}
