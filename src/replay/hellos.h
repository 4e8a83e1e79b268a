/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* ClientHellos of a capture (--tls), and clients that the policy looks for. */

#include "replay/host.h"

/* Look for them, in memory_bytes at most. sink: gets all of them; NULL: nobody wants that. policy:
 * borrowed; NULL: it looks for none. */
int weir_host_hellos(struct weir_host *h, size_t memory_bytes, const struct weir_settings *policy,
                     weir_hellos_sink sink);
/* A segment that its connection took; len: captured bytes of its payload. */
void weir_host_hello(struct weir_host *h, const struct weir_pkt *p, size_t len, uint32_t file,
                     const struct weir_capture_packet *packet);
