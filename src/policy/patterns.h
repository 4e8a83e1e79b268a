/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* payload.patterns to what the packet path runs: an automaton for the patterns that match exactly
 * and one for those that match in either case, each with its signatures behind it. */

#include "abi/event.h"
#include "abi/payload.h"
#include "abi/signature.h"
#include "policy/automaton.h"
#include "policy/settings.h"

struct weir_patterns_image {
    struct weir_automaton_image lane[WEIR_LANES]; /* automaton NULL: no patterns */
};

void weir_patterns_image_free(struct weir_patterns_image *i); /* also for _cleanup_ */

/* epoch: as weir_automaton_build(). At most WEIR_PATTERNS_BYTES a lane: -E2BIG. */
int weir_patterns_build(const struct weir_settings *s, uint32_t epoch,
                        struct weir_patterns_image *ret, struct weir_error *e);
/* Name of the pattern, or of the entry of payload.tls, that the event is about; NULL: it is about
 * none. Borrowed from s. */
const char *weir_pattern_name(const struct weir_settings *s, const struct weir_event *ev);
/* Patterns of a policy: bytes out of text or hexadecimal, and whether they fit. -ENOMEM. */
int weir_patterns_read(struct weir_settings *s, struct weir_faults *f);
