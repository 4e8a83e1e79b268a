/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a whole replay amounts to: for people, and as an EVE stats event. */

#include "base/buf.h"
#include "base/json.h"
#include "replay/host.h"

/* What the findings are: by detection, source, target. */
void weir_summary_findings(struct weir_buf *out, struct weir_host *h);
/* What they rest on: packets, verdicts, direction, what was not inspected, checksums, losses.
 * policy: what it is called; NULL without. */
void weir_summary_ground(struct weir_buf *out, struct weir_host *h, const char *policy);
/* Connections and what became of them; part of the former. */
void weir_summary_flows(struct weir_buf *out, const struct weir_host *h);
/* A table; nothing when services were not asked for. */
void weir_summary_services(struct weir_buf *out, const struct weir_host *h);
/* Members of stats.weir. */
void weir_stats_flows(struct weir_json *j, const struct weir_host *h);
/* One line of EVE, event_type stats; seconds: how long the replay took. */
void weir_summary_stats(struct weir_buf *out, const struct weir_host *h, double seconds);
