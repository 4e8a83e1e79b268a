/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The tables of connections in user space: what the maps flows and half are to src/bpf. */

#include <stddef.h>
#include <stdint.h>

#include "abi/policy.h"
#include "dataplane/conn.h"
#include "dataplane/content.h"
#include "dataplane/payload_flat.h"
#include "replay/ends.h"

struct weir_conns_counters {
    uint64_t packets;      /* held against a record */
    uint64_t opened;       /* connections that became established, or were taken up by both sides */
    uint64_t half_new;     /* records for a SYN or a segment of no known connection */
    uint64_t half_evicted; /* given up for newer ones */
    uint64_t evicted;      /* established connections forgotten */
    uint64_t lost;         /* packets without a record: no room */
    uint64_t
        lost_content; /* segments not compared with earlier ones: a newer connection has the room */
    uint64_t lost_payload;  /* segments read without what came before: no room */
    uint64_t lost_fragment; /* fragments not held against all others of their datagram: no room */
};

struct weir_conns;

/* Takes at most memory_bytes: half for open connections, an eighth for half-open ones, the rest for
 * what they carried. -ENOMEM also when that is not enough for one set of each. */
int weir_conns_new(size_t memory_bytes, const struct weir_ends_sink *sink, struct weir_conns **ret);
void weir_conns_free(struct weir_conns *c);

/* Hold packet p against its connection. t: zeroed, host fields that are not the clock's set.
 * zone: of the packet, and of the connection that it begins. payload: the captured bytes of it. */
void weir_conns_packet(struct weir_conns *c, struct weir_track *t, const struct weir_pkt *p,
                       const struct weir_policy *zone, const uint8_t *payload, size_t payload_len,
                       uint64_t now_ns);
/* Look for these patterns, in all of each direction. Borrowed, and with a damage to them nothing
 * outside is read. */
struct weir_patterns_image;
void weir_conns_patterns(struct weir_conns *c, const struct weir_patterns_image *image);
/* Hold a fragment against the others of its datagram. t: as above. */
void weir_conns_fragment(struct weir_conns *c, struct weir_track *t, const struct weir_pkt *p,
                         uint64_t now_ns);
/* Of these connections; borrowed. */
struct weir_ends *weir_conns_ends(struct weir_conns *c);
/* Hold an ICMP error, p, against the connection that it quotes. True: it answers a SYN. */
bool weir_conns_quote(struct weir_conns *c, struct weir_track *t, const struct weir_quote *q,
                      const struct weir_pkt *p, uint64_t now_ns);
const struct weir_conns_counters *weir_conns_count(const struct weir_conns *c);
