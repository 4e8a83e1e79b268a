/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Evidence, when the operator asked for it: the head of every packet into a ring, whole packets of
 * sources that are watched to user space. With weir_evidence_packets 0, the default, none of this
 * is in the program. */

#include "stages.bpf.h"

#define WEIR_KEEP_MAX 65536 /* bytes of a packet */

/* Before the packet is judged. */
static __always_inline void weir_evidence_reset(struct weir_run *r)
{
    if (!weir_evidence_packets)
        return;
    __builtin_memset(&r->kept, 0, sizeof(r->kept));
    r->kept.row = WEIR_ROWS;
}

/* What user space gets to know beside the bytes. */
static __always_inline void weir_evidence_note(struct weir_run *r, __u32 hook, __u32 vlan,
                                               bool drop, __u64 now)
{
    struct weir_packet_event *ev = &r->packet;
    __u32 wire = r->w.wire;

    __builtin_memset(ev, 0, sizeof(*ev));
    ev->abi = WEIR_ABI;
    ev->len = sizeof(*ev);
    ev->type = WEIR_EVENT_PACKET;
    ev->ts_ns = now;
    ev->note.source = r->ifindex;
    ev->note.wire = wire;
    ev->note.cap = wire < WEIR_KEEP_MAX ? wire : WEIR_KEEP_MAX;
    ev->note.vlan = (__u16)vlan;
    ev->note.link = WEIR_LINK_ETHERNET;
    ev->note.hook = (__u8)hook;
    if (r->kept.row < WEIR_ROWS) {
        ev->note.detection = weir_row_id(r->kept.row);
        ev->note.action = r->kept.action;
    }
    if (hook == WEIR_HOOK_TC_EGRESS)
        ev->note.flags = WEIR_PACKET_EGRESS;
    if (drop) {
        ev->note.flags |= WEIR_PACKET_DROPPED;
        ev->note.drop = r->kept.drop;
    } else if (r->kept.would) {
        ev->note.flags |= WEIR_PACKET_WOULD_DROP;
    }
}

/* A record of `room` bytes and what is in front of them. */
static __always_inline void weir_packet_send(void *ctx, __u32 hook, struct weir_run *r,
                                             struct weir_counters *c, const __u32 room)
{
    __u8 *b = bpf_ringbuf_reserve(&packets, sizeof(r->packet) + room, 0);
    __u32 n = r->packet.note.cap;

    if (!b) {
        c->n[WEIR_COUNTER_LOST_EVIDENCE]++;
        return;
    }
    __builtin_memcpy(b, &r->packet, sizeof(r->packet));
    barrier_var(n);
    if (n < 1 || n > room || weir_load(ctx, hook, 0, b + sizeof(r->packet), n)) {
        c->n[WEIR_COUNTER_LOST_EVIDENCE]++;
        bpf_ringbuf_discard(b, 0);
        return;
    }
    bpf_ringbuf_submit(b, 0);
}

/* The packet, when addr is watched. False: it is not. */
static __always_inline bool weir_evidence_whole(void *ctx, __u32 hook, struct weir_run *r,
                                                struct weir_counters *c, const __u8 addr[16])
{
    __u32 place = weir_watch_place(&control.hash_key, addr, r->p.ip_version == 4), left;
    struct weir_watch *w = weir_watch_at(place);

    left = w ? weir_watch_take(w, addr, r->packet.ts_ns) : 0;
    if (!left)
        return false;
    __builtin_memcpy(r->packet.addr, addr, sizeof(r->packet.addr));
    r->packet.watch = place;
    r->packet.number = w->number;
    if (r->kept.begun)
        r->packet.note.flags |= WEIR_PACKET_FIRST;
    if (left == 1)
        r->packet.note.flags |= WEIR_PACKET_LAST;
    if (r->packet.note.cap <= 448)
        weir_packet_send(ctx, hook, r, c, 448);
    else if (r->packet.note.cap <= 2048 - 64)
        weir_packet_send(ctx, hook, r, c, 2048 - 64);
    else if (r->packet.note.cap <= 16384 - 64)
        weir_packet_send(ctx, hook, r, c, 16384 - 64);
    else
        weir_packet_send(ctx, hook, r, c, WEIR_KEEP_MAX);
    return true;
}

/* First bytes of the frame: by plain loads when it has so many, which the helper takes longer for.
 */
static __always_inline bool weir_recent_copy(void *ctx, __u32 hook, struct weir_recent *to,
                                             void *data, void *end)
{
    __u32 n = to->note.cap;

    if (data + WEIR_RECENT_BYTES <= end) {
        const __u64 *from = data;
        __u64 *word = (__u64 *)to->b;

#pragma clang loop unroll(full)
        for (__u32 i = 0; i < WEIR_RECENT_BYTES / 8; i++)
            word[i] = from[i];
        return true;
    }
    barrier_var(n);
    return n >= 1 && n <= WEIR_RECENT_BYTES && weir_load(ctx, hook, 0, to->b, n) == 0;
}

/* Readers look at seq before and after: a head that is being written, or was meanwhile, is left
 * out.
 */
static __always_inline void weir_recent_keep(void *ctx, __u32 hook, struct weir_run *r, void *data,
                                             void *end)
{
    __u32 zero = 0, place = bpf_get_smp_processor_id() * weir_recent_size;
    __u32 *next = bpf_map_lookup_elem(&recent_next, &zero);
    struct weir_recent *to;

    if (!next)
        return;
    place += *next & (weir_recent_size - 1);
    to = bpf_map_lookup_elem(&recent, &place);
    if (!to)
        return;
    ++*next;
    *(volatile __u32 *)&to->seq = 0;
    to->ts_ns = r->packet.ts_ns;
    to->note = r->packet.note;
    if (to->note.cap > WEIR_RECENT_BYTES)
        to->note.cap = WEIR_RECENT_BYTES;
    if (weir_recent_copy(ctx, hook, to, data, end))
        *(volatile __u32 *)&to->seq = *next;
}

/* hook: a constant, which says how bytes are read; r->packet is filled in. */
static __always_inline int weir_evidence_run(void *ctx, __u32 hook, struct weir_run *r,
                                             struct weir_counters *c, void *data, void *end)
{
    __u64 now = r->packet.ts_ns;

    if (now < *(volatile __u64 *)&weir_watch_until) {
        bool target = r->kept.target;

        for (int i = 0; i < 2; i++, target = !target)
            if (weir_evidence_whole(ctx, hook, r, c, target ? r->p.dst : r->p.src))
                break;
    }
    /* A flood of what a list drops would leave no room for anything else. */
    if (weir_recent_size && r->kept.drop != WEIR_DROP_BAN && r->kept.drop != WEIR_DROP_DENY)
        weir_recent_keep(ctx, hook, r, data, end);
    return 0;
}

/* Is the packet in r->p to be kept? A watch may begin with it. */
static __always_inline bool weir_evidence_wants(struct weir_run *r, __u32 hook)
{
    if (r->kept.first)
        (void)weir_stage_watch(r, hook);
    return !r->kept.passed;
}

__noinline int weir_stage_evidence_xdp(struct xdp_md *ctx, struct weir_run *r, __u32 drop)
{
    struct weir_counters *c = weir_counters_of(WEIR_HOOK_XDP);

    if (!r || !c || !weir_evidence_wants(r, WEIR_HOOK_XDP))
        return 0;
    weir_evidence_note(r, WEIR_HOOK_XDP, 0, drop, weir_now());
    return weir_evidence_run(ctx, WEIR_HOOK_XDP, r, c, (void *)(long)ctx->data,
                             (void *)(long)ctx->data_end);
}

__noinline int weir_stage_evidence_tc(struct __sk_buff *ctx, struct weir_run *r, __u32 hook,
                                      __u32 drop)
{
    struct weir_counters *c = weir_counters_of(hook);
    __u32 vlan = ctx->vlan_present ? ctx->vlan_tci : 0;

    if (!r || !c || !weir_evidence_wants(r, hook))
        return 0;
    weir_evidence_note(r, hook, vlan, drop, weir_now());
    return weir_evidence_run(ctx, WEIR_HOOK_TC_INGRESS, r, c, (void *)(long)ctx->data,
                             (void *)(long)ctx->data_end);
}

/* The packet in r->p has its verdict. */
static __always_inline void weir_evidence(void *ctx, __u32 hook, struct weir_run *r, bool drop)
{
    if (!weir_evidence_packets)
        return;
    if (hook == WEIR_HOOK_XDP)
        (void)weir_stage_evidence_xdp(ctx, r, drop);
    else
        (void)weir_stage_evidence_tc(ctx, r, hook, drop);
}
