/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A TCP option shorter than 2, beyond the header, or not of the length its kind has (RFC 9293 3.2,
 * RFC 7323, 2018, 2385, 5482, 5925, 7413). Suricata 2200035, 2200036; Snort 116:54, 116:55. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_tcp_option_length(const struct weir_pkt *p,
                                                              struct weir_evidence *e)
{
    if (!(p->traits & WEIR_TRAIT_OPTION_LENGTH))
        return WEIR_MISS;
    weir_evidence_set(e, p->option_kind, p->option_len, 0);
    return WEIR_HIT;
}
