/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The rare path: from a hit to an incident record, and from there to the ring. */

#include "watch.bpf.h"

#include "dataplane/report.h"

WEIR_FN bool weir_row_is_high(__u32 row)
{
    static const __u8 severity[128] = {
#define DETECT(id, NAME, category, name, state, observe, enforce, sev, ...)                        \
    [WEIR_ROW_##NAME] = WEIR_SEVERITY_##sev,
#include "abi/detections.def"
#undef DETECT
    };

    return severity[row & 127] == WEIR_SEVERITY_HIGH;
}

/* Room for one event in the ring of its severity, zeroed; NULL is counted. */
static __always_inline struct weir_event *weir_event_reserve(struct weir_counters *c, bool high)
{
    struct weir_event *ev;

    if (high)
        ev = bpf_ringbuf_reserve(&ring_high, sizeof(*ev), 0);
    else
        ev = bpf_ringbuf_reserve(&ring_bulk, sizeof(*ev), 0);
    if (!ev) {
        c->n[high ? WEIR_COUNTER_LOST_RING_HIGH : WEIR_COUNTER_LOST_RING_BULK]++;
        return NULL;
    }
    c->n[WEIR_COUNTER_EVENTS]++;
    __builtin_memset(ev, 0, sizeof(*ev));
    return ev;
}

static __always_inline void weir_event_submit(struct weir_event *ev, bool high)
{
    __u64 flags = BPF_RB_FORCE_WAKEUP;

    if (!high && bpf_ringbuf_query(&ring_bulk, BPF_RB_AVAIL_DATA) < WEIR_RING_WAKE)
        flags = BPF_RB_NO_WAKEUP;
    bpf_ringbuf_submit(ev, flags);
}

/* The last event of an incident that a packet of the next one finds over: user space's sweep, once
 * a second, was not there to send it. count is exact, the rest is of its last packet. */
static __noinline int weir_incident_close(struct weir_run *r, struct weir_counters *c,
                                          struct weir_incident *in, __u64 count, __u64 last)
{
    bool high = weir_row_is_high(r->d.row);
    struct weir_event *ev = weir_event_reserve(c, high);

    if (!ev)
        return -1;
    ev->abi = WEIR_ABI;
    ev->len = sizeof(*ev);
    ev->type = WEIR_EVENT_FINDING;
    ev->ts_ns = last;
    ev->first_ns = in->first_ns;
    ev->count = count;
    __builtin_memcpy(ev->src, r->p.src, sizeof(ev->src));
    __builtin_memcpy(ev->dst, in->dst, sizeof(ev->dst));
    ev->sport = in->sport;
    ev->dport = in->dport;
    ev->detection = weir_row_id(r->d.row);
    ev->action = in->action;
    ev->flags = in->flags | WEIR_EVENT_FINAL;
    ev->proto = in->proto;
    ev->ip_version = in->ip_version;
    ev->ttl = in->ttl;
    ev->tcp_flags = in->tcp_flags;
    ev->source = in->source;
    ev->outcome = in->outcome;
    weir_event_submit(ev, high);
    return 0;
}

/* May this CPU start another incident in this second? */
static __always_inline bool weir_incident_allowed(struct weir_run *r, __u64 now)
{
    __u64 second = now >> 30; /* 1.07 s: no division */

    if (!weir_incident_rate)
        return true;
    if (r->second != second) {
        r->second = second;
        r->allowance = weir_incident_rate;
    }
    if (!r->allowance)
        return false;
    r->allowance--;
    return true;
}

static __always_inline struct weir_incident *weir_incident_get(struct weir_run *r,
                                                               struct weir_counters *c, __u64 now)
{
    struct weir_incident_key key = { .detection = weir_row_id(r->d.row) };
    struct weir_incident fresh = { .first_ns = now, .last_ns = now };
    struct weir_incident *in;

    __builtin_memcpy(key.src, r->p.src, sizeof(key.src));
    in = bpf_map_lookup_elem(&incidents, &key);
    if (in)
        return in;
    if (!weir_incident_allowed(r, now)) {
        c->n[WEIR_COUNTER_LOST_RATE]++;
        return NULL;
    }
    /* EEXIST: another CPU was faster, its record serves as well. */
    if (!bpf_map_update_elem(&incidents, &key, &fresh, BPF_NOEXIST))
        c->n[WEIR_COUNTER_INCIDENT_NEW]++;
    in = bpf_map_lookup_elem(&incidents, &key);
    if (!in)
        c->n[WEIR_COUNTER_LOST_INCIDENT]++;
    return in;
}

/* Quiet for long, and the kernel sees it first: whoever takes the count closes the incident. */
static __always_inline void weir_incident_turn(struct weir_run *r, struct weir_counters *c,
                                               struct weir_incident *in, __u64 now)
{
    const struct weir_suppress s = { .last_ns = in->last_ns };
    __u64 last = s.last_ns, reported = in->reported, count;

    if (!weir_suppress_over(&s, now))
        return;
    if (__sync_val_compare_and_swap(&in->last_ns, last, now) != last)
        return;
    count = __sync_lock_test_and_set(&in->count, 0);
    in->reported = 0;
    if (count > reported)
        (void)weir_incident_close(r, c, in, count, last); /* a full ring is counted there */
    in->first_ns = now;
}

/* The newest packet, for the last event. */
static __always_inline void weir_incident_touch(struct weir_incident *in, const struct weir_run *r,
                                                __u8 flags, __u64 now)
{
    const struct weir_pkt *p = &r->p;

    in->last_ns = now;
    __builtin_memcpy(in->dst, p->dst, sizeof(in->dst));
    in->sport = p->sport;
    in->dport = p->dport;
    in->source = r->ifindex;
    in->action = r->d.action;
    in->flags = flags;
    in->proto = p->proto;
    in->ip_version = p->ip_version;
    in->ttl = p->ttl;
    in->tcp_flags = p->tcp_flags;
    in->outcome = p->outcome;
}

/* weir_suppress_note() for many CPUs: the count is exact, and of two that reach a step together one
 * reports it. */
static __always_inline __u64 weir_incident_note(struct weir_incident *in)
{
    __u64 reported = *(volatile __u64 *)&in->reported;
    __u64 count = __sync_fetch_and_add(&in->count, 1) + 1;

    if (count < reported * 2)
        return 0;
    if (__sync_val_compare_and_swap(&in->reported, reported, count) != reported)
        return 0;
    return count;
}

/* r->d names a finding. */
static __always_inline void weir_report(struct weir_run *r, struct weir_counters *c, __u32 hook)
{
    bool high = weir_row_is_high(r->d.row);
    __u8 egress = hook == WEIR_HOOK_TC_EGRESS ? WEIR_EVENT_EGRESS : 0;
    __u64 now = weir_now(), count;
    struct weir_incident *in = weir_incident_get(r, c, now);
    struct weir_event *ev;

    if (!in)
        return;
    weir_incident_turn(r, c, in, now);
    weir_incident_touch(
        in, r, weir_event_flags(&r->p) | egress | (r->d.enforced ? WEIR_EVENT_ENFORCED : 0), now);
    count = weir_incident_note(in);
    if (weir_evidence_packets && count == 1)
        r->kept.first = WEIR_FIRST_OF_SOURCE;
    if (!count)
        return;
    ev = weir_event_reserve(c, high);
    if (!ev) {
        in->reported = 0; /* the next step tries again; the last event is owed in any case */
        return;
    }
    weir_event_packet(ev, &r->p, now);
    weir_event_finding(ev, &r->d, &r->h);
    ev->flags |= egress;
    ev->first_ns = in->first_ns;
    ev->count = count;
    ev->source = r->ifindex;
    weir_event_submit(ev, high);
}
