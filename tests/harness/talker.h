/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The smallest host with state: one set of each table. Header-only, as host.h is. */

#include "dataplane/conn.h"
#include "dataplane/content.h"
#include "dataplane/fragments.h"
#include "dataplane/payload_flat.h"
#include "dataplane/target.h"
#include "harness/host.h"

/* How a connection is judged. */
struct weir_terms {
    bool gaps; /* as a capture is: the kernel is never asked about it */
    bool liberal;
    __u32 window_max;
};

struct weir_talker {
    struct weir_ways flow_ways, half_ways;
    struct weir_flow_set flows, half;
    struct weir_ways source_ways;
    struct weir_source_set sources;
    struct weir_gate gates[8 * WEIR_WAYS];
    struct weir_contact contact;
    struct weir_target targets[WEIR_TARGETS];
    struct weir_twin twins[WEIR_TWINS];
    struct weir_content content;
    struct weir_hash_key key;
    struct weir_flow ended;
    struct weir_payload payload[16];
    struct weir_fragments fragments;
    struct weir_track t; /* of the newest packet */
    struct weir_conn conn;
    struct weir_inspection in;
    __u64 now_ns;
};

static inline void weir_talker_init(struct weir_talker *k)
{
    memset(k, 0, sizeof(*k));
    memset(&k->key, 0x5a, sizeof(k->key));
    k->now_ns = 1000ULL * 1000000000;
}

/* As src/bpf/content.bpf.h and src/replay/conns.c do it, byte by byte. */
static inline void weir_talker_compare(struct weir_talker *k, const __u8 *payload)
{
    const struct weir_content_span span = weir_content_span(k->conn.flow, k->t.side, &k->in.pkt);
    __u32 next = 0, differ = 0;
    struct weir_piece piece;

    if (!weir_content_wants(&span))
        return;
    (void)weir_content_slot(k->conn.flow, &next, 0);
    if (!weir_content_own(&k->content, k->conn.flow))
        return;
    memset(&piece, 0, sizeof(piece));
    if (span.brief) {
        memcpy(piece.b, payload, span.brief);
        differ = (__u32)weir_content_brief(&k->content.side[k->t.side], &piece, &k->key, span.at,
                                           span.brief);
    }
    for (__u32 at = 0; at < span.bytes; at += WEIR_CONTENT_CHUNK) {
        memcpy(piece.b, payload + span.skip + at, WEIR_CONTENT_CHUNK);
        differ += (__u32)weir_content_piece(&k->content.side[k->t.side], &piece, &k->key,
                                            span.at + at, WEIR_CONTENT_CHUNK);
    }
    weir_content_judge(&k->t, &span, differ);
}

/* As src/bpf/scan.bpf.h and src/replay/sources.c do it, in one set. */
static inline void weir_talker_source(struct weir_talker *k)
{
    const struct weir_contact *c = &k->contact;
    __u32 way = (__u32)weir_source_find(&k->source_ways, &k->sources, c);

    weir_contact_begin(&k->t);
    if (way >= WEIR_WAYS) {
        struct weir_gate *gate = &k->gates[weir_set_index(c->hash, 8 * WEIR_WAYS - 1)];

        if (!weir_contact_admits(c) || !weir_gate_pass(gate, c, k->t.tick))
            return;
        way = (__u32)weir_source_admit(&k->source_ways, &k->sources, c, k->t.tick);
    }
    way &= WEIR_WAYS - 1;
    (void)weir_source_note(&k->t, &k->sources.source[way], c);
    weir_set_touch(&k->source_ways, way, weir_source_class(&k->sources.source[way]), k->t.tick);
}

static inline void weir_talker_contact(struct weir_talker *k)
{
    const struct weir_contact *c = &k->contact;

    weir_talker_source(k);
    if (c->outbound)
        return;
    (void)weir_target_note(&k->t, &k->targets[c->host & (WEIR_TARGETS - 1)], c);
    if (c->kind == WEIR_CONTACT_SYN &&
        weir_twin_note(&k->twins[c->probe & (WEIR_TWINS - 1)], c, k->t.tick))
        weir_twin_hit(&k->t);
}

static inline void weir_talker_quote(struct weir_talker *k)
{
    struct weir_quote q = { 0 };
    __u32 tag;

    if (!weir_parse_quote(&k->in.pkt, &k->in.window, &q))
        return;
    tag = weir_set_tag(weir_hash_quote(&k->key, &q, &k->in.pkt));
    (void)weir_conn_quote(&k->t, &k->flow_ways, &k->flows, &q, tag);
    if (!weir_conn_quote_half(&k->half_ways, &k->half, &q, tag))
        return;
    weir_contact_quote(&k->contact, &k->key, &q, &k->in.pkt);
    weir_talker_source(k);
}

static inline void weir_talker_illegal(struct weir_talker *k)
{
    k->t.moment = WEIR_MOMENT_ILLEGAL;
    if (weir_contact_read(&k->contact, &k->key, &k->t, &k->in.pkt))
        weir_talker_source(k);
}

static inline void weir_talker_fragment(struct weir_talker *k)
{
    __u64 owner = weir_fragments_owner(&k->key, &k->in.pkt);

    if (!weir_fragments_is(&k->fragments, owner, k->t.tick))
        (void)weir_fragments_claim(&k->fragments, owner, k->t.tick);
    (void)weir_fragments_note(&k->t, &k->fragments, &k->in.pkt);
}

static inline void weir_talker_read(struct weir_talker *k, const __u8 *b, __u32 cap)
{
    const struct weir_payload_table table = { .entry = k->payload, .mask = 15, .depth = 256 };
    __u32 at = k->in.pkt.payload_off;

    (void)weir_payload_packet(&table, &k->t, k->conn.flow, k->conn.way, &k->in.pkt, b + at,
                              at < cap ? cap - at : 0);
}

/* One frame; rows with state FLOW that hold are in k->in.hits. */
static inline void weir_talker_frame(struct weir_talker *k, const __u8 *b, __u32 cap, __u32 wire,
                                     bool egress, const struct weir_terms *terms)
{
    const struct weir_arrival arrival = { 0 };
    const struct weir_seat flows = { &k->flow_ways, &k->flows }, half = { &k->half_ways, &k->half };
    struct weir_pkt *p = &k->in.pkt;

    weir_inspect_bytes(&k->in, b, cap, wire, &arrival);
    weir_hits_begin(&k->in.hits);
    k->t = (struct weir_track){ .tick = (__u32)(k->now_ns >> WEIR_TICK_SHIFT),
                                .fine = (__u32)(k->now_ns >> WEIR_FINE_SHIFT),
                                .gaps = terms->gaps,
                                .window_max = terms->window_max,
                                .egress = egress };
    k->conn = (struct weir_conn){ 0 };
    if (p->outcome == WEIR_OUTCOME_ICMP_TCP)
        weir_talker_quote(k);
    if (!weir_conn_tracks(p)) {
        if (weir_fragments_wanted(p))
            weir_talker_fragment(k);
        else if (weir_contact_is_illegal(p) && !egress)
            weir_talker_illegal(k);
        weir_detect_flow(&k->in.hits, p, &k->t, (struct weir_rows){ { ~0ULL, ~0ULL } });
        return;
    }
    k->t.tag = weir_set_tag(weir_hash_packet(&k->key, p));
    k->conn = weir_conn_packet(&k->t, flows, half, weir_conn_find(flows, half, p, k->t.tag), p,
                               &k->ended);
    if (weir_conn_began(&k->t, &k->conn))
        weir_flow_zone(k->conn.flow, 0, terms->liberal);
    if (k->t.clock && k->conn.flow)
        weir_flow_clock(&k->t, k->conn.flow, p, k->now_ns);
    if (k->t.known && k->conn.proven && !(k->t.facts & WEIR_FACTS_REFUSED))
        weir_talker_compare(k, b + p->payload_off);
    if (k->conn.flow && k->conn.proven)
        weir_talker_read(k, b, cap);
    if (k->t.moment && weir_contact_read(&k->contact, &k->key, &k->t, p))
        weir_talker_contact(k);
    weir_detect_flow(&k->in.hits, p, &k->t, (struct weir_rows){ { ~0ULL, ~0ULL } });
}
