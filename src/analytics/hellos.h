/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* ClientHellos out of the segments of many connections, wherever in a connection they stand: at its
 * begin, or behind STARTTLS. One that spans segments is put together while they come in order. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/event.h"
#include "abi/hello.h"

#define WEIR_HELLO_WAIT_NS (10ULL * 1000 * 1000 * 1000)

struct weir_hellos;

struct weir_hellos_counters {
    uint64_t told;
    uint64_t broken; /* begun like one, and is none */
    uint64_t lost;   /* not put together: a segment missing or out of order, or no room */
};

typedef void (*weir_hellos_sink)(void *ctx, const struct weir_tls_event *ev);

/* Takes at most memory_bytes. key: a secret, by which places are found. */
int weir_hellos_new(size_t memory_bytes, const struct weir_hash_key *key, weir_hellos_sink sink,
                    void *ctx, struct weir_hellos **ret);
void weir_hellos_free(struct weir_hellos *h); /* NULL is allowed */

/* Is it such a record, with its bytes behind it? */
bool weir_hello_event_valid(const struct weir_hello_event *ev, size_t len);
/* A segment that its connection took. payload: s->bytes of it, at least one. */
void weir_hellos_segment(struct weir_hellos *h, const struct weir_hello_event *s,
                         const uint8_t *payload);
/* Those that wait for their next segment since WEIR_HELLO_WAIT_NS count as lost. */
void weir_hellos_sweep(struct weir_hellos *h, uint64_t now_ns);
struct weir_hellos_counters weir_hellos_count(const struct weir_hellos *h);

/* A finding about the client: pattern `number` of the policy, once. Without its action. */
void weir_tls_finding(const struct weir_tls_event *t, uint32_t number, struct weir_event *ret);
