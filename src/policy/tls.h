/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* payload.tls: which entry a TLS client is. */

#include "abi/hello.h"
#include "policy/settings.h"

/* Number of the first entry that matches, from 1; 0: none does. */
uint32_t weir_tls_find(const struct weir_settings *s, const struct weir_tls_event *ev);
/* In a finding these numbers follow those of payload.patterns. */
static inline uint32_t weir_tls_number(const struct weir_settings *s, uint32_t found)
{
    return (uint32_t)s->patterns.n + found;
}
/* Are the entries of a policy what they must be? */
void weir_tls_check(const struct weir_settings *s, struct weir_faults *f);
