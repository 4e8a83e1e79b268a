/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a TLS client said in its ClientHello, as an EVE event of type tls (docs/events.md). */

#include "abi/hello.h"
#include "events/eve.h"

void weir_eve_tls_write(struct weir_buf *out, const struct weir_tls_event *ev,
                        const struct weir_eve_source *from);
/* The same in one line for people. */
void weir_text_tls_write(struct weir_buf *out, const struct weir_tls_event *ev,
                         const struct weir_eve_source *from);
/* "TLS 1.3"; "unknown". */
const char *weir_tls_version_name(uint16_t version);
