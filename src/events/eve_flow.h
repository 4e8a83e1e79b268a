/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The record of a connection's end as an EVE event of type flow, with Suricata's members flow and
 * tcp, and ours (docs/events.md). */

#include "abi/flow_state.h"
#include "base/json.h"
#include "events/eve.h"

/* Is the record one that this build can read? Anything may stand in a ring: check first. */
bool weir_flow_event_valid(const struct weir_flow_event *ev, size_t len);

/* f.marks of a record has WEIR_FLOW_PERF (weir_flow_perf()), here and below. */
void weir_eve_flow_write(struct weir_buf *out, const struct weir_flow_event *ev,
                         const struct weir_eve_source *from);

/* Its members but for the timestamp. Of one that goes on (why is WEIR_END_NONE) there is no
 * event_type and no reason. */
void weir_flow_write(struct weir_json *j, const struct weir_flow_event *ev,
                     const struct weir_eve_source *from);

/* The same in one line for people, from its start on; pairs are client/server. */
void weir_text_flow_write(struct weir_buf *out, const struct weir_flow_event *ev,
                          const struct weir_eve_source *from);

const char *weir_flow_state_name(enum weir_flow_state state); /* "syn_sent" "established" ... */
const char *weir_flow_end_name(unsigned why);                 /* "closed" "timeout" ... */
/* Of the newest packet, to a tick (1 ms); never before its start. now_ns: clock of the host. */
uint64_t weir_flow_end_ns(const struct weir_flow *f, uint64_t now_ns);
