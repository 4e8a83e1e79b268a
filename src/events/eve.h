/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* EVE-compatible JSON (names and shapes as Suricata's EVE schema; docs/events.md), one line each.
 */

#include "abi/event.h"
#include "base/buf.h"

/* Where the event comes from, as people know it. */
struct weir_eve_source {
    const char *in_iface;      /* kernel host; NULL in replay */
    const char *pcap_filename; /* replay; NULL live */
    const char *pattern;       /* name of the policy's that was found; NULL: none, or unknown */
    const char *known;         /* name of a source that may scan; NULL: it has none */
    uint64_t clock_offset_ns;  /* added to the record's times to get the epoch; 0 in replay */
};

/* Is the record one that this build can read? Anything may stand in a ring: check first. */
bool weir_event_valid(const struct weir_event *ev, size_t len);

/* Is it a finding of a source that may scan? Then it is told as info. */
bool weir_event_is_known(const struct weir_event *ev, const struct weir_eve_source *from);

/* Same for both directions of a connection, below 2^53. */
uint64_t weir_event_flow_id(const struct weir_event *ev);
uint64_t weir_flow_id(const struct weir_flow *f);

/* Append one line with its newline: event_type alert for a finding, anomaly for a counted row, drop
 * for a dropped packet. */
void weir_eve_write(struct weir_buf *out, const struct weir_event *ev,
                    const struct weir_eve_source *from);

/* The finding in one line for people: time, severity, name, source -> target, count, evidence. */
void weir_text_write(struct weir_buf *out, const struct weir_event *ev,
                     const struct weir_eve_source *from);
