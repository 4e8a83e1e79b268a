/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Connections: the tables' sets for a packet, the clock where tracking asks for it, and what is to
 * be told of a record that had to go. */

#include "glue.bpf.h"

static __always_inline bool weir_flows_of(__u64 hash, struct weir_seat *ret)
{
    __u32 key = weir_set_index(hash, weir_flow_mask);

    ret->ways = bpf_map_lookup_elem(&flow_ways, &key);
    ret->set = bpf_map_lookup_elem(&flows, &key);
    return ret->ways && ret->set;
}

static __always_inline bool weir_half_of(__u64 hash, struct weir_seat *ret)
{
    __u32 key = weir_set_index(hash, weir_half_mask);

    ret->ways = bpf_map_lookup_elem(&half_ways, &key);
    ret->set = bpf_map_lookup_elem(&half, &key);
    return ret->ways && ret->set;
}

/* The end of a connection goes to user space by the ring, because nobody else will see it. */
static __always_inline void weir_flow_ended(struct weir_run *r, struct weir_counters *c)
{
    struct weir_flow_event *ev = bpf_ringbuf_reserve(&ring_bulk, sizeof(*ev), 0);

    if (r->t.ended == WEIR_END_EVICTED)
        c->n[WEIR_COUNTER_FLOW_EVICTED]++;
    if (!ev) {
        c->n[WEIR_COUNTER_LOST_FLOW_RECORD]++;
        return;
    }
    ev->abi = WEIR_ABI;
    ev->len = sizeof(*ev);
    ev->type = WEIR_EVENT_FLOW;
    ev->ts_ns = weir_now();
    ev->why = r->t.ended;
    ev->_pad = 0;
    ev->flow = r->ended;
    bpf_ringbuf_submit(ev, BPF_RB_NO_WAKEUP);
}

static __always_inline void weir_conn_count(const struct weir_track *t,
                                            const struct weir_conn *conn, struct weir_counters *c)
{
    if (t->known)
        c->n[WEIR_COUNTER_FLOW_PACKETS]++;
    else if (conn->flow)
        c->n[WEIR_COUNTER_HALF_NEW]++;
    if (t->opened)
        c->n[WEIR_COUNTER_FLOW_OPENED]++;
    if (t->half_evicted)
        c->n[WEIR_COUNTER_HALF_EVICTED]++;
    if (WEIR_UNLIKELY(t->full))
        c->n[WEIR_COUNTER_LOST_FLOW]++;
}

/* Find the connection: r->at, and whether the packet's bytes will be compared or read, which wants
 * its checksum verified. */
__noinline int weir_stage_find(struct weir_run *r)
{
    struct weir_seat of_flows, of_half;
    struct weir_conn conn;

    if (!r)
        return 0;
    r->at = WEIR_AT_NONE;
    r->hash = weir_hash_packet(&control.hash_key, &r->p);
    if (!weir_flows_of(r->hash, &of_flows) || !weir_half_of(r->hash, &of_half))
        return 0;
    r->at = weir_conn_find(of_flows, of_half, &r->p, weir_set_tag(r->hash));
    if ((!weir_content_on && !weir_payload_on) || !r->p.payload_bytes)
        return 0;
    conn = weir_conn_at(of_flows, of_half, r->at);
    if (!conn.flow)
        return 0;
    if (weir_content_on) {
        struct weir_content_span span = weir_content_span(conn.flow, r->at >> 4 & 1, &r->p);

        r->compare = weir_content_wants(&span);
    }
    if (weir_payload_on)
        r->read = weir_payload_wanted(conn.flow, r->at >> 4 & 1, &r->p, weir_payload_depth);
    return 0;
}

/* Hold the packet against its connection; r->t is the answer. */
__noinline int weir_stage_conn(struct weir_run *r, __u32 hook)
{
    struct weir_counters *c = weir_counters_of(hook);
    struct weir_seat of_flows, of_half;
    struct weir_conn conn;
    __u64 now;

    if (!r || !c)
        return 0;
    now = weir_now_coarse(r);
    if (!weir_flows_of(r->hash, &of_flows) || !weir_half_of(r->hash, &of_half))
        return 0;
    r->t.tag = weir_set_tag(r->hash);
    r->t.tick = (__u32)(now >> WEIR_TICK_SHIFT);
    r->t.fine = (__u32)(now >> WEIR_FINE_SHIFT);
    r->t.window_max = weir_window_max;
    r->t.ifindex = r->ifindex;
    r->t.egress = hook == WEIR_HOOK_TC_EGRESS;
    conn = weir_conn_packet(&r->t, of_flows, of_half, r->at, &r->p, &r->ended);
    r->at = weir_conn_where(&r->t, &conn);
    weir_conn_count(&r->t, &conn, c);
    if (weir_conn_began(&r->t, &conn)) {
        const struct weir_policy *policy_of = weir_policy_of(r->ifindex, weir_pkt_vlan(&r->p));

        weir_flow_zone(conn.flow, policy_of->zone, policy_of->check == WEIR_CHECK_LIBERAL);
    }
    if (WEIR_UNLIKELY(r->t.ended))
        weir_flow_ended(r, c);
    if (r->t.clock && conn.flow)
        weir_flow_clock(&r->t, conn.flow, &r->p, weir_now());
    return 0;
}

/* An ICMP error about a connection. 1: it is the outcome of r->contact. */
__noinline int weir_stage_quote(struct weir_run *r)
{
    struct weir_seat of_flows, of_half;
    struct weir_quote q = { 0 };
    __u64 hash;

    if (!r || !weir_parse_quote(&r->p, &r->w, &q))
        return 0;
    hash = weir_hash_quote(&control.hash_key, &q, &r->p);
    if (!weir_flows_of(hash, &of_flows) || !weir_half_of(hash, &of_half))
        return 0;
    (void)weir_conn_quote(&r->t, of_flows.ways, of_flows.set, &q, weir_set_tag(hash));
    if (!weir_conn_quote_half(of_half.ways, of_half.set, &q, weir_set_tag(hash)))
        return 0;
    r->t.tick = (__u32)(weir_now_coarse(r) >> WEIR_TICK_SHIFT);
    weir_contact_begin(&r->t);
    weir_contact_quote(&r->contact, &control.hash_key, &q, &r->p);
    return 1;
}
