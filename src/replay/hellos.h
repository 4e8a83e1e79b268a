/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* ClientHellos of a capture (--tls), wherever in a connection they stand: at its begin, or behind
 * STARTTLS. One that spans segments is put together while they come in order. */

#include "dataplane/pkt.h"
#include "events/eve_tls.h"
#include "replay/capture.h"

struct weir_hellos;

struct weir_hellos_counters {
    uint64_t told;
    uint64_t broken; /* begun like one, and is none */
    uint64_t lost;   /* not put together: a segment missing or out of order, or no room */
};

typedef void (*weir_hellos_sink)(void *ctx, const struct weir_tls_event *ev);

/* Takes at most memory_bytes. */
int weir_hellos_new(size_t memory_bytes, weir_hellos_sink sink, void *ctx,
                    struct weir_hellos **ret);
void weir_hellos_free(struct weir_hellos *h); /* NULL is allowed */

/* A segment that its connection took. payload: the captured bytes of it, at least one. */
void weir_hellos_packet(struct weir_hellos *h, const struct weir_pkt *p, const uint8_t *payload,
                        size_t len, uint32_t file, const struct weir_capture_packet *packet);
struct weir_hellos_counters weir_hellos_count(const struct weir_hellos *h);
