/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How each service does: a server's address and port, and all connections to it. Fed with the
 * records of connections that ended and of those that go on, and with failed attempts. Memory is
 * fixed: a service more than there is room for takes the place of one that was silent for long, or
 * is counted among the others.
 *
 * Only a connection that was open makes a service: else a port scan would make 65,536 of them.
 * Attempts elsewhere are counted among the others. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/flow_state.h"
#include "analytics/histogram.h"

#define WEIR_SERVICES 1024
#define WEIR_SERVICES_WINDOW_NS (300ULL * 1000000000)
#define WEIR_SERVICE_BYTES (20 * 1024) /* memory of one, at most */

/* What is spread over connections; in microseconds of 1024 ns. */
enum weir_spread {
    WEIR_SPREAD_SYNACK,     /* SYN to SYN-ACK: the way to the server and back */
    WEIR_SPREAD_ACK,        /* SYN-ACK to the acknowledgement of it: to the client and back */
    WEIR_SPREAD_RTT_CLIENT, /* smoothed round trip to the client, at the end of a connection */
    WEIR_SPREAD_RTT_SERVER,
    WEIR_SPREADS,
};

struct weir_service_side {
    uint64_t bytes; /* sent by it, of payload */
    uint64_t packets;
    uint64_t retransmitted;
    uint64_t reordered;
    uint64_t duplicate_acks;
    uint64_t zero_windows;
    uint64_t zero_ms;
    uint64_t resets;
};

struct weir_service_sum {
    uint64_t connections; /* that were open, the running ones with them */
    uint64_t running;
    uint64_t midstream; /* of the connections: their handshake was not seen */
    uint64_t timeouts;  /* ended by silence */
    uint64_t failed[WEIR_ATTEMPT_MAX];
    struct weir_service_side side[WEIR_SIDES];
};

struct weir_spreads {
    struct weir_histogram of[WEIR_SPREADS];
};

struct weir_service {
    uint8_t addr[16];
    uint16_t port;
    bool local; /* its first client's packets came in, not out */
    uint64_t last_ns;
    struct weir_service_sum ended;
    struct weir_service_sum running; /* as of the newest weir_services_begin() */
    struct weir_spreads *spreads;    /* of the window that runs, of the one before, of running */
};

struct weir_services;

/* seed: of the hash, from a random source. window_ns: spreads tell of the last one to two of it; 0:
 * of all time. -ENOMEM. */
int weir_services_new(uint32_t max, uint64_t seed, uint64_t window_ns, struct weir_services **ret);
void weir_services_free(struct weir_services *s);
void weir_services_freep(struct weir_services **s);

void weir_services_ended(struct weir_services *s, const struct weir_flow *f, enum weir_flow_end why,
                         uint64_t now_ns);
void weir_services_attempt(struct weir_services *s, const struct weir_attempt *a, uint64_t now_ns);
/* Windows pass. */
void weir_services_tick(struct weir_services *s, uint64_t now_ns);

/* What runs: forget those of the last time, then hand in each one. */
void weir_services_begin(struct weir_services *s);
void weir_services_running(struct weir_services *s, const struct weir_flow *f, uint64_t now_ns);

uint32_t weir_services_count(const struct weir_services *s);
const struct weir_service *weir_services_at(const struct weir_services *s, uint32_t i);
/* What ended without a place in the table, and failed attempts to what is no service. */
const struct weir_service_sum *weir_services_other(const struct weir_services *s);

/* Ended and running. */
struct weir_service_sum weir_service_total(const struct weir_service *v);
uint64_t weir_service_failures(const struct weir_service *v);
void weir_service_spread(const struct weir_service *v, enum weir_spread which,
                         struct weir_histogram *ret);
