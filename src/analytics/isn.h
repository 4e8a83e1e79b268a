/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* seq.predictable_isn: the initial sequence numbers that servers of this side gave away, of
 * connections that ended. A host is judged on 128 of them, each of another client's port: of the
 * same ends RFC 6528 lets the number grow with its clock. Memory is fixed: 8 hosts at a time, one
 * that was silent for a minute gives way to another. */

#include <stdbool.h>
#include <stdint.h>

#include "abi/event.h"
#include "abi/flow.h"
#include "dataplane/isn.h"
#include "dataplane/suppress.h"

#define WEIR_ISN_HOSTS 8
#define WEIR_ISN_SAMPLES 128

struct weir_isn_sample {
    uint64_t ns; /* of the SYN */
    uint32_t isn;
    uint32_t ends; /* hash of the client's end and the server's port */
};

struct weir_isn_host {
    uint8_t addr[16];
    uint64_t last_ns; /* newest sample; 0: free */
    struct weir_suppress run;
    struct weir_event newest; /* of the running incident */
    uint32_t n;
    struct weir_isn_sample sample[WEIR_ISN_SAMPLES];
};

struct weir_isn {
    uint64_t judged;  /* sets of samples */
    uint64_t crowded; /* samples of hosts for which there was no room */
    struct weir_isn_host host[WEIR_ISN_HOSTS];
};

/* Sorts s by time. n: 2 or more. */
struct weir_isn_look weir_isn_judge(struct weir_isn_sample *s, unsigned n);

/* A connection that ended. True when *ret is an event to send, all but its action: the first of a
 * host's incident, each doubling of its count (of connections), its last. */
bool weir_isn_take(struct weir_isn *w, const struct weir_flow *f, uint64_t now_ns,
                   struct weir_event *ret);

/* The host stops: called for i from 0 to WEIR_ISN_HOSTS - 1; true when *ret is the last event that
 * a running incident owes. */
bool weir_isn_end(struct weir_isn *w, unsigned i, struct weir_event *ret);
