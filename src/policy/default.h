/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/policy.h"

/* The catalogue's own actions (abi/detections.def) in the given mode. */
void weir_policy_default(struct weir_policy *ret, enum weir_mode mode);
