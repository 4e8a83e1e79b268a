/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A TCP option that the registry calls obsolete or historic: echo, T/TCP, alternate checksums and
 * others. Snort 116:56 to 116:58. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

WEIR_FN enum weir_hit weir_detect_integrity_tcp_option_obsolete(const struct weir_pkt *p,
                                                                struct weir_evidence *e)
{
    if (!(p->traits & WEIR_TRAIT_OPTION_OBSOLETE))
        return WEIR_MISS;
    weir_evidence_set(e, p->option_kind, 0, 0);
    return WEIR_HIT;
}
