/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The catalogue's own actions (abi/detections.def), and what overriding them makes of a compiled
 * policy. */

#include <stdbool.h>
#include <stdint.h>

#include "abi/policy.h"

/* The catalogue in the given mode. */
void weir_policy_default(struct weir_policy *ret, enum weir_mode mode);
/* Give a row another action, whatever the mode. */
void weir_policy_override(struct weir_policy *p, enum weir_row row, enum weir_action action);

const char *weir_row_name(unsigned row); /* "integrity.syn_fin"; row < WEIR_ROW_MAX */
