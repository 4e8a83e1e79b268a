/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The user-space host of the inspection core: what src/bpf is to the kernel. One packet at a time,
 * capture time is the clock, state in tables of fixed size. */

#include "abi/outcome.h"
#include "analytics/hellos.h"
#include "analytics/isn.h"
#include "analytics/repeats.h"
#include "analytics/pressure.h"
#include "analytics/services.h"
#include "replay/capture.h"
#include "replay/conns.h"
#include "replay/incidents.h"
#include "policy/patterns.h"
#include "replay/judge.h"
#include "dataplane/pkt.h"
#include "replay/sources.h"
#include "replay/local.h"
#include "replay/dests.h"
#include "replay/tally.h"
#include "replay/trail.h"
#include "replay/trust.h"

struct weir_host_counters {
    uint64_t packets;
    uint64_t bytes;      /* on the wire */
    uint64_t egress;     /* the others are ingress */
    uint64_t clock_back; /* packets older than the one before */
    uint64_t held;       /* events that say nothing new of a scan */
    uint64_t dropped;    /* by a finding, where the policy enforces */
    uint64_t would_drop; /* likewise, where it observes */
    uint64_t denied;     /* dropped, their source is on a deny list */
    uint64_t would_deny;
    uint64_t spared; /* a finding would have dropped them, their source is allowed */
    uint64_t ip4;
    uint64_t ip6;
    uint64_t outcome[WEIR_OUTCOME_MAX];
    uint64_t tunnel[WEIR_TUNNEL_MAX]; /* packets taken out of one of that kind */
    uint64_t row[WEIR_ROW_MAX];       /* packets for which the row held in any form */
    uint64_t finding[WEIR_ROW_MAX];   /* packets of which the row was the finding */
    uint64_t flow_end[WEIR_END_MAX];
    uint64_t attempt[WEIR_ATTEMPT_MAX];
};

struct weir_host {
    struct weir_judge *judge; /* owned */
    struct weir_local local;
    struct weir_trust trust;
    bool counted; /* rows that only count become events too */
    struct weir_host_counters counters;
    struct weir_conns *conns;            /* owned */
    struct weir_patterns_image patterns; /* owned */
    struct weir_sources *sources;        /* owned */
    struct weir_incidents *incidents;    /* owned */
    struct weir_dests *dests;            /* owned */
    struct weir_tally *tally;            /* owned */
    struct weir_services *services;      /* owned; NULL: nobody wants them */
    struct weir_hellos *hellos;          /* owned; NULL: nobody wants them */
    weir_hellos_sink client;             /* NULL: nobody wants all of them */
    const struct weir_settings *policy;  /* of those that it looks for; NULL: none */
    struct weir_repeats *repeats;        /* owned, with hellos */
    struct weir_trail *trail;            /* owned; NULL: nobody wants it */
    struct weir_trail_packet packet;     /* for that */
    struct weir_pressure_watch pressure;
    uint64_t pressure_ns; /* when it was looked at */
    struct weir_isn isn;
    weir_event_sink sink;
    void (*flow)(void *ctx, const struct weir_flow_event *ev); /* NULL: nobody wants them */
    void *ctx;
    uint64_t last_ns;
};

/* Count what services do, in memory_bytes at most. */
int weir_host_services(struct weir_host *h, size_t memory_bytes);

/* memory_bytes is split between the tables. policy is not needed afterwards; NULL: the catalogue in
 * observe mode. sink gets every event, in order. */
int weir_host_init(struct weir_host *h, size_t memory_bytes, const struct weir_settings *policy,
                   weir_event_sink sink, void *ctx, struct weir_error *e);
void weir_host_free(struct weir_host *h); /* also for _cleanup_ */

/* file: index for struct weir_event.source. */
void weir_host_packet(struct weir_host *h, uint32_t file, const struct weir_capture_packet *packet);
/* End every incident and connection. 0 or -ENOMEM: connections were not told of. */
int weir_host_finish(struct weir_host *h);

/* Incidents by source and by service, together. */
struct weir_incidents_stats weir_host_incidents(const struct weir_host *h);

/* Parse alone, to the innermost packet, as far as the survey of addresses needs it. */
void weir_host_innermost(const struct weir_capture_packet *packet, struct weir_pkt *ret);
