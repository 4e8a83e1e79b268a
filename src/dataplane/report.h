/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* From facts to an event record. */

#include "dataplane/decide.h"
#include "dataplane/print.h"
#include "dataplane/suppress.h"
#include "dataplane/window.h"

/* Detection ids by row. */
WEIR_FN __u16 weir_row_id(__u32 row)
{
    static const __u16 ids[128] = {
#define DETECT(id, NAME, ...) [WEIR_ROW_##NAME] = id,
#include "abi/detections.def"
#undef DETECT
    };

    return ids[row & 127];
}

/* Of a row that is judged on a service: which of its surges. WEIR_SURGES: of another row. */
WEIR_FN __u32 weir_row_surge(__u32 row)
{
    switch (row) {
    case WEIR_ROW_FLOOD_SYN:
        return WEIR_SURGE_SYN;
    case WEIR_ROW_FLOOD_HALF_OPEN:
        return WEIR_SURGE_HALF_OPEN;
    case WEIR_ROW_FLOOD_FINGERPRINT:
        return WEIR_SURGE_FINGERPRINT;
    case WEIR_ROW_FLOOD_SYNACK:
        return WEIR_SURGE_SYNACK;
    case WEIR_ROW_FLOOD_ACK:
        return WEIR_SURGE_ACK;
    case WEIR_ROW_FLOOD_RST:
        return WEIR_SURGE_RST;
    case WEIR_ROW_FLOOD_FIN:
        return WEIR_SURGE_FIN;
    case WEIR_ROW_FLOOD_AMPLIFICATION:
        return WEIR_SURGE_AMPLIFICATION;
    case WEIR_ROW_FLOOD_COOKIE_ACK:
        return WEIR_SURGE_COOKIE_ACK;
    default:
        return WEIR_SURGES;
    }
}

/* The row of a surge. */
WEIR_FN __u32 weir_surge_row(__u32 n)
{
    static const __u8 rows[WEIR_SURGES] = {
        [WEIR_SURGE_SYN] = WEIR_ROW_FLOOD_SYN,
        [WEIR_SURGE_HALF_OPEN] = WEIR_ROW_FLOOD_HALF_OPEN,
        [WEIR_SURGE_FINGERPRINT] = WEIR_ROW_FLOOD_FINGERPRINT,
        [WEIR_SURGE_SYNACK] = WEIR_ROW_FLOOD_SYNACK,
        [WEIR_SURGE_ACK] = WEIR_ROW_FLOOD_ACK,
        [WEIR_SURGE_RST] = WEIR_ROW_FLOOD_RST,
        [WEIR_SURGE_FIN] = WEIR_ROW_FLOOD_FIN,
        [WEIR_SURGE_AMPLIFICATION] = WEIR_ROW_FLOOD_AMPLIFICATION,
        [WEIR_SURGE_COOKIE_ACK] = WEIR_ROW_FLOOD_COOKIE_ACK,
        [WEIR_SURGE_CARPET] = WEIR_ROW_MAX,
    };

    return n < WEIR_SURGES ? rows[n] : WEIR_ROW_MAX;
}

/* Without a flow to ask: the SYN names the client, the SYN-ACK the server, else the lower port is
 * taken for the server's. */
WEIR_FN bool weir_pkt_to_client(const struct weir_pkt *p)
{
    if (p->tcp_flags & WEIR_SYN)
        return p->tcp_flags & WEIR_ACK;
    return p->sport < p->dport;
}

WEIR_FN __u8 weir_event_flags(const struct weir_pkt *p)
{
    __u8 flags = 0;

    if (!p->ip_version)
        flags |= WEIR_EVENT_NO_ADDRS;
    if (!p->sport && !p->dport && !weir_pkt_is_tcp(p))
        flags |= WEIR_EVENT_NO_PORTS;
    if (weir_pkt_to_client(p))
        flags |= WEIR_EVENT_TO_CLIENT;
    return flags;
}

/* The tunnels that the packet was taken out of. */
WEIR_FN void weir_event_outside(struct weir_event *ev, const struct weir_pkt *p)
{
    const struct weir_outside *o = &p->outside;

    if (WEIR_LIKELY(!p->tunnels))
        return;
    ev->tunnel_id = o->id;
    __builtin_memcpy(ev->outer_src, o->src, sizeof(ev->outer_src));
    __builtin_memcpy(ev->outer_dst, o->dst, sizeof(ev->outer_dst));
    ev->outer_proto = o->proto;
    ev->tunnel_depth = o->depth;
    for (int i = 0; i < WEIR_TUNNELS_MAX; i++)
        ev->tunnel[i] = o->kind[i];
}

/* The packet's own fields. *ev is zero. count, first_ns, flow_id, packet and source are the host's.
 */
WEIR_FN void weir_event_packet(struct weir_event *ev, const struct weir_pkt *p, __u64 now_ns)
{
    ev->abi = WEIR_ABI;
    ev->len = sizeof(*ev);
    ev->ts_ns = now_ns;
    __builtin_memcpy(ev->src, p->src, sizeof(ev->src));
    __builtin_memcpy(ev->dst, p->dst, sizeof(ev->dst));
    ev->sport = p->sport;
    ev->dport = p->dport;
    ev->flags = weir_event_flags(p);
    ev->proto = p->proto;
    ev->ip_version = p->ip_version;
    ev->ttl = p->ttl;
    ev->tcp_flags = p->tcp_flags;
    ev->seq = p->seq;
    ev->ack = p->ack;
    ev->window = p->window;
    ev->vlan[0] = p->vlan[0];
    ev->vlan[1] = p->vlan[1];
    ev->vlans = p->vlans;
    ev->payload_bytes = p->payload_bytes;
    ev->frame_bytes = p->frame_bytes;
    ev->outcome = p->outcome;
    ev->ip_id = p->ip_version == 4 ? (__u16)p->ip_id : 0;
    if (p->outcome == WEIR_OUTCOME_TCP && (p->tcp_flags & (WEIR_SYN | WEIR_ACK)) == WEIR_SYN)
        ev->print = weir_print(p);
    weir_event_outside(ev, p);
}

/* Name the row, its evidence, and the other findings of the packet. */
WEIR_FN void weir_event_finding(struct weir_event *ev, const struct weir_decision *d,
                                const struct weir_hits *h)
{
    ev->type = WEIR_EVENT_FINDING;
    ev->detection = weir_row_id(d->row);
    ev->action = d->action;
    if (d->enforced)
        ev->flags |= WEIR_EVENT_ENFORCED;
    if (h->evidence.row == d->row)
        __builtin_memcpy(ev->evidence, h->evidence.v, sizeof(ev->evidence));
    for (int i = 0; i < 2; i++)
        ev->also[i] = d->findings.w[i];
    ev->also[d->row >> 6 & 1] &= ~(1ULL << (d->row & 63));
}

/* What a drop record says beside weir_event_packet(). */
WEIR_FN void weir_event_drop(struct weir_event *ev, const struct weir_pkt *p,
                             const struct weir_window *w, __u32 reason)
{
    ev->type = WEIR_EVENT_DROP;
    ev->drop = (__u8)reason;
    ev->flags |= WEIR_EVENT_ENFORCED;
    ev->evidence[WEIR_DROP_IP_BYTES] = p->ip_bytes;
    ev->evidence[WEIR_DROP_IP_WORD] = p->ip_version ? weir_window_u32(w, p->l3_off) : 0;
    ev->evidence[WEIR_DROP_TCP_WORD] = (__u32)p->urgent << 16 | p->tcp_reserved;
}
