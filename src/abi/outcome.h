/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

enum weir_outcome_kind {
    WEIR_OUTCOME_INSPECTED,
    WEIR_OUTCOME_PASSED,
    WEIR_OUTCOME_BROKEN,
};

enum weir_outcome {
#define OUTCOME(NAME, ...) WEIR_OUTCOME_##NAME,
#include "outcomes.def"
#undef OUTCOME
    WEIR_OUTCOME_MAX,
};
