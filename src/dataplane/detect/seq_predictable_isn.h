/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A server of ours whose next initial sequence number can be guessed: what RFC 6528 is against, and
 * what blind injection needs. By chance neither holds for a random number: a common divisor of 127
 * differences has a probability of 2^-127. nmap's SEQ test asks the same of a host from outside. */
#include "dataplane/hit.h"
#include "dataplane/isn.h"

#define WEIR_ISN_BITS 16 /* fewer are guessed in seconds */

WEIR_FN enum weir_hit weir_detect_seq_predictable_isn(const struct weir_isn_look *l,
                                                      struct weir_evidence *e)
{
    if (l->step == 1 && l->bits >= WEIR_ISN_BITS)
        return WEIR_MISS;
    weir_evidence_set(e, l->bits, l->step, 0);
    return WEIR_HIT;
}
