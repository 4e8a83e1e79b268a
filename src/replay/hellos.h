/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* ClientHellos of a capture (--tls). */

#include "replay/host.h"

/* Look for them, in memory_bytes at most. */
int weir_host_hellos(struct weir_host *h, size_t memory_bytes, weir_hellos_sink sink, void *ctx);
/* A segment that its connection took; len: captured bytes of its payload. */
void weir_host_hello(struct weir_host *h, const struct weir_pkt *p, size_t len, uint32_t file,
                     const struct weir_capture_packet *packet);
