/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One described packet through the core. */

#include "harness/host.h"
#include "harness/packet.h"

void weir_inspect(struct weir_inspection *ret, const struct weir_packet *p);
