/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Names of what the ABI numbers; tables expanded from abi/detections.def, outcomes.def
 * and tunnels.def. */

#include "abi/detection.h"
#include "abi/outcome.h"
#include "abi/tunnel.h"

struct weir_detection_info {
    unsigned id;          /* enum weir_detection */
    unsigned row;         /* enum weir_row */
    const char *name;     /* "integrity.syn_fin" */
    const char *category; /* "integrity" */
    enum weir_severity severity;
    enum weir_action observe; /* default actions */
    enum weir_action enforce;
    const char *since;
    const char *evidence; /* comma-separated names of evidence[], "" without */
};

/* By row, for loops over all of them: row < WEIR_ROW_MAX. */
const struct weir_detection_info *weir_detection_by_row(unsigned row);
/* NULL when there is none. */
const struct weir_detection_info *weir_detection_by_id(unsigned id);
const struct weir_detection_info *weir_detection_by_name(const char *name);

const char *weir_severity_name(enum weir_severity s); /* "high" "med" "low" "info" */
const char *weir_action_name(enum weir_action a);     /* "off" "count" "alert" "limit" ... */
const char *weir_outcome_name(unsigned outcome);      /* as in counters; "unknown" out of range */
enum weir_outcome_kind weir_outcome_kind(unsigned outcome);
const char *weir_tunnel_name(unsigned tunnel); /* "gre" "vxlan" ...; "unknown" out of range */
