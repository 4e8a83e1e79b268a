/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* MSS, window scale or SACK permitted without SYN (RFC 9293 3.2, RFC 7323 2.2, RFC 2018 2), bytes
 * other than padding behind End of Option List (RFC 9293 3.1), or an MSS so small that it only
 * serves to exhaust the sender (CVE-2019-11477 to 11479). */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"
#include "dataplane/tcp_options.h"

/* Below it no path MTU explains the value: IPv4's least MTU of 256 that hosts are seen with,
 * less 40. */
#define WEIR_MSS_TINY 216

WEIR_FN enum weir_hit weir_detect_integrity_tcp_option_misplaced(const struct weir_pkt *p,
                                                                 struct weir_evidence *e)
{
    bool tiny = p->options & WEIR_OPTION_MSS && p->mss < WEIR_MSS_TINY &&
                !(p->traits & WEIR_TRAIT_OPTION_LENGTH);

    if (p->traits & WEIR_TRAIT_OPTION_AFTER_END)
        weir_evidence_set(e, WEIR_KIND_END, p->option_len, 0);
    else if (p->traits & WEIR_TRAIT_OPTION_SYN_ONLY)
        weir_evidence_set(e,
                          p->options & WEIR_OPTION_MSS      ? WEIR_KIND_MSS
                          : p->options & WEIR_OPTION_WSCALE ? WEIR_KIND_WSCALE
                                                            : WEIR_KIND_SACK_OK,
                          p->options & WEIR_OPTION_MSS ? p->mss : p->wscale, 0);
    else if (p->traits & WEIR_TRAIT_SYN && tiny)
        weir_evidence_set(e, WEIR_KIND_MSS, p->mss, 0);
    else
        return WEIR_MISS;
    return WEIR_HIT;
}
