/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* health.table_pressure: what a host lost for want of room, as an incident of the host. It is
 * looked at about once a second, so an event tells of all that was lost since. */

#include <stdint.h>

#include "abi/detection.h"
#include "abi/event.h"
#include "dataplane/pressure.h"
#include "dataplane/suppress.h"

#define WEIR_PRESSURE_NS (1000ULL * 1000 * 1000)

struct weir_pressure_watch {
    struct weir_pressure seen;  /* totals at the last look */
    struct weir_pressure begin; /* totals when the running incident began */
    struct weir_suppress run;
};

/* Losses up to here are old news: of the host's earlier life, from before this process. */
void weir_pressure_start(struct weir_pressure_watch *w, const struct weir_pressure *totals);

/* totals: since the host began, never falling. True when *ret is an event to send: the first of an
 * incident, each doubling of its count, its last. action: the row's in the policy, ALERT or more.
 */
bool weir_pressure_look(struct weir_pressure_watch *w, const struct weir_pressure *totals,
                        uint64_t now_ns, enum weir_action action, struct weir_event *ret);

/* The host stops: true when *ret is the last event that the running incident owes. */
bool weir_pressure_end(struct weir_pressure_watch *w, enum weir_action action,
                       struct weir_event *ret);
