/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The directory that evidence is kept in: names, and what has to go. */

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define WEIR_EVIDENCE_FILE_NAME 192
#define WEIR_EVIDENCE_FILES_MAX 100000 /* looked at in a directory */

/* What may stay; 0: no limit. */
struct weir_evidence_limits {
    uint64_t bytes; /* of all files together */
    uint64_t age_s; /* since a file was written */
    uint32_t files;
};

/* weir-20261123T042152Z-scan.vertical-192.0.2.1-17.pcapng: names sort by time. source and detection
 * are texts; characters that are no letter, digit, dot or dash become dashes. Returns name. */
const char *weir_evidence_name(uint64_t ts_ns, const char *detection, const char *source,
                               uint64_t incident, char name[WEIR_EVIDENCE_FILE_NAME]);

/* Remove weir's files, the oldest first, until the rest is within the limits. parts: also files
 * that were never completed, which is right before the first is opened. *ret_removed counts. Other
 * files are not touched. */
int weir_evidence_prune(const char *dir, const struct weir_evidence_limits *limits, int64_t now_s,
                        bool parts, uint32_t *ret_removed, struct weir_error *e);
