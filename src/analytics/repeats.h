/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Findings that user space makes, as incidents: an event at the first, second, fourth ... of one
 * kind from one source, and a last one with the exact count when it has been quiet. */

#include <stdbool.h>
#include <stdint.h>

#include "abi/event.h"

/* Sources at a time. One that falls on the place of another ends that one's incident early. */
#define WEIR_REPEATS 256

struct weir_repeats;

typedef void (*weir_repeats_sink)(void *ctx, const struct weir_event *ev);

int weir_repeats_new(const struct weir_hash_key *key, weir_repeats_sink sink, void *ctx,
                     struct weir_repeats **ret);
void weir_repeats_free(struct weir_repeats *r); /* NULL is allowed */
/* ev: one finding; its kind is evidence[0]. Goes to the sink when it is to be told. */
void weir_repeats_note(struct weir_repeats *r, const struct weir_event *ev);
/* all: every incident counts as over. */
void weir_repeats_sweep(struct weir_repeats *r, uint64_t now_ns, bool all);
