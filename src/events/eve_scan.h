/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A scan as an EVE event of type incident (docs/events.md), and as a line for people. */

#include "abi/scan.h"
#include "base/json.h"
#include "events/eve.h"

void weir_eve_scan_write(struct weir_buf *out, const struct weir_scan_incident *s,
                         const struct weir_eve_source *from);
/* Member "scan" alone. */
void weir_scan_write(struct weir_json *j, const struct weir_scan_incident *s);
/* One line, when it opens, grows and is over. */
void weir_text_scan_write(struct weir_buf *out, const struct weir_scan_incident *s,
                          const struct weir_eve_source *from);
/* "SYN scan, 986 ports of 192.0.2.1 ...", without its end of line. */
void weir_scan_describe(struct weir_buf *out, const struct weir_scan_incident *s);
