/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The vocabulary of findings. Every name below expands from detections.def, the one place where a
 * detection is registered: events, policy, counters and documentation read the same row. */

#include <linux/types.h>

enum weir_category {
    WEIR_CATEGORY_FLOOD,
    WEIR_CATEGORY_SEQ,
    WEIR_CATEGORY_SCAN,
    WEIR_CATEGORY_INTEGRITY,
    WEIR_CATEGORY_PAYLOAD,
    WEIR_CATEGORY_HEALTH,
    WEIR_CATEGORY_MAX,
};

/* In the order of EVE's alert.severity, which counts down from 1 = high. */
enum weir_severity {
    WEIR_SEVERITY_HIGH = 1,
    WEIR_SEVERITY_MED,
    WEIR_SEVERITY_LOW,
    WEIR_SEVERITY_INFO,
    WEIR_SEVERITY_MAX,
};

/* What policy does about a detection, by rising strength. OFF: not judged. COUNT: only its counter.
 * ALERT and above make a finding. */
enum weir_action {
#define ACTION(NAME, ...) WEIR_ACTION_##NAME,
#include "abi/actions.def"
#undef ACTION
    WEIR_ACTION_MAX,
};

/* Dense, in the order of specificity: bit numbers of struct weir_rows. A row number is good within
 * one build only (programs and daemon check that they agree); what is stored or shown has the id.
 */
enum weir_row {
#define DETECT(id, NAME, category, name, ...) WEIR_ROW_##NAME,
#include "detections.def"
#undef DETECT
    WEIR_ROW_MAX,
};
_Static_assert(WEIR_ROW_MAX <= 128, "struct weir_hits has 128 bits");

/* Stable numbers: EVE's signature_id, index of counter and policy arrays. */
enum weir_detection {
#define DETECT(id, NAME, category, name, ...) WEIR_DET_##NAME = id,
#include "detections.def"
#undef DETECT
};
#define WEIR_DETECTION_IDS 512 /* one past the largest id that will ever be given */
