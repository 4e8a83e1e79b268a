/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A packet in a packet. Parsing ends at a tunnel with an outcome of its own; a host that wants to
 * know what is inside then says
 *
 *     while (weir_tunnel_open(p, w)) {
 *         judge *p, the packet outside, as any other
 *         weir_tunnel_parse(p, w);
 *     }
 *     judge *p
 *
 * The packet inside takes the place of the one outside and is parsed by the same functions; of the
 * outside stays what struct weir_outside has, and the VLAN tags of the frame. The window shrinks to
 * what the tunnel holds, so that neither padding nor a neighbour is taken for a part of it. A
 * tunnel that is not opened keeps its outcome: it is counted as not inspected. */

#include "dataplane/parse.h"
#include "dataplane/tunnel_link.h"
#include "dataplane/tunnel_udp.h"

/* Tunnels are one range of outcomes: on the way of every packet this is one comparison. */
WEIR_FN bool weir_outcome_is_tunnel(__u32 outcome)
{
    return outcome - WEIR_OUTCOME_GRE <= WEIR_OUTCOME_PPPOE - WEIR_OUTCOME_GRE;
}
_Static_assert(WEIR_OUTCOME_PPPOE - WEIR_OUTCOME_GRE == 6, "GRE to PPPOE are the tunnels");

WEIR_FN bool weir_tunnel_header(struct weir_pkt *p, const struct weir_window *w)
{
    switch (p->outcome) {
    case WEIR_OUTCOME_GRE:
        return weir_open_gre(p, w);
    case WEIR_OUTCOME_IP_IN_IP:
        return weir_open_ip_in_ip(p);
    case WEIR_OUTCOME_VXLAN:
        return weir_open_vxlan(p, w);
    case WEIR_OUTCOME_GENEVE:
        return weir_open_geneve(p, w);
    case WEIR_OUTCOME_GTP:
        return weir_open_gtp(p, w);
    case WEIR_OUTCOME_MPLS:
        return weir_open_mpls(p, w);
    case WEIR_OUTCOME_PPPOE:
        return weir_open_pppoe(p, w);
    default:
        return false;
    }
}

/* Is *p a tunnel, and what does its header say? The packet outside stays as it is, but for what a
 * tunnel too deep to open makes of it. */
WEIR_FN bool weir_tunnel_open(struct weir_pkt *p, const struct weir_window *w)
{
    __u32 end = w->wire, id = p->outside.id;
    bool opened;

    if (!weir_outcome_is_tunnel(p->outcome) || p->fragment_off)
        return false;
    if (p->ip_version && p->l4_off + p->l4_len < end)
        end = p->l4_off + p->l4_len;
    p->limit = end;
    p->outside.id = 0;
    opened = weir_tunnel_header(p, w) && weir_pkt_cursor(p) < weir_pkt_limit(p);
    if (opened && p->tunnels == WEIR_TUNNELS_MAX)
        p->traits |= WEIR_TRAIT_TUNNEL_DEPTH;
    if (p->traits & (WEIR_TRAIT_TUNNEL_DEPTH | WEIR_TRAIT_LABEL_DEPTH)) {
        p->outcome = WEIR_OUTCOME_TUNNEL_DEPTH;
        opened = false;
    }
    if (!opened)
        p->outside.id = id;
    return opened;
}

/* What has to outlive the clearing of *p. */
struct weir_tunnel_frame {
    __u32 frame_bytes;
    __u32 off;
    __u16 type;
    __u16 vlan[2];
    __u8 vlans;
    __u8 tunnels;
    __u8 link_flags;
    bool part;
};

/* Remember the outside of the tunnel that was opened. */
WEIR_FN void weir_tunnel_note(struct weir_pkt *p)
{
    struct weir_outside *o = &p->outside;

    if (!p->tunnels) {
        __builtin_memset(o->src, 0, sizeof(o->src));
        __builtin_memset(o->dst, 0, sizeof(o->dst));
        o->kind[1] = 0;
        o->proto = 0;
        o->depth = 0;
    }
    if (p->ip_version && !o->depth) {
        __builtin_memcpy(o->src, p->src, sizeof(o->src));
        __builtin_memcpy(o->dst, p->dst, sizeof(o->dst));
        o->proto = p->proto;
    }
    o->depth += !!p->ip_version;
    o->kind[p->tunnels & 1] = o->opened;
}

/* Cut the window to the inside. Of a fragment the rest is elsewhere, as if the capture had cut it.
 */
WEIR_FN void weir_tunnel_cut(struct weir_window *w, __u32 end, bool part)
{
    if (end > w->wire)
        end = w->wire;
    if (w->cap > end)
        w->cap = end;
    w->wire = part ? end + 0xffff : end;
}

/* Make *p the packet inside, empty, and *f what weir_tunnel_leave() needs. */
WEIR_FN void weir_tunnel_enter(struct weir_pkt *p, struct weir_window *w,
                               struct weir_tunnel_frame *f)
{
    f->part = p->fragment_more || p->traits & WEIR_TRAIT_TUNNEL_PART;
    f->off = weir_pkt_cursor(p);
    f->type = p->outside.type;
    f->vlan[0] = p->vlan[0];
    f->vlan[1] = p->vlan[1];
    f->vlans = p->vlans;
    f->frame_bytes = p->frame_bytes;
    f->tunnels = p->tunnels + 1;
    f->link_flags = p->link_flags;
    weir_tunnel_cut(w, weir_pkt_limit(p), f->part);
    weir_tunnel_note(p);
    __builtin_memset(p, 0, __builtin_offsetof(struct weir_pkt, outside));
    p->tunnels = f->tunnels;
    p->frame_bytes = f->frame_bytes;
    p->link_flags = f->link_flags;
    if (f->part)
        p->traits = WEIR_TRAIT_TUNNEL_PART;
}

/* Step over the Ethernet header inside, where there is one. */
WEIR_FN enum weir_outcome weir_tunnel_link(const struct weir_window *w, struct weir_tunnel_frame *f)
{
    if (f->type != WEIR_INSIDE_ETHERNET)
        return WEIR_PARSE_ON;
    if (!weir_window_has(w, f->off, 14))
        return weir_parse_missing(w, f->off, 14, WEIR_OUTCOME_SHORT_LINK);
    f->type = weir_window_u16(w, f->off + 12);
    f->off += 14;
    return WEIR_PARSE_ON;
}

WEIR_FN void weir_tunnel_leave(struct weir_pkt *p, const struct weir_window *w,
                               const struct weir_tunnel_frame *f, enum weir_outcome out)
{
    p->vlan[0] = f->vlan[0];
    p->vlan[1] = f->vlan[1];
    p->vlans = f->vlans;
    p->outcome = out == WEIR_OUTCOME_SNAPPED && w->cap == WEIR_WINDOW_BYTES
                     ? WEIR_OUTCOME_BEYOND_WINDOW
                     : out;
}

/* The packet inside, in the place of the one outside. After weir_tunnel_open() said yes. */
WEIR_FN void weir_tunnel_parse(struct weir_pkt *p, struct weir_window *w)
{
    struct weir_tunnel_frame f;
    enum weir_outcome out;

    weir_tunnel_enter(p, w, &f);
    out = weir_tunnel_link(w, &f);
    if (out == WEIR_PARSE_ON)
        out = weir_parse_ethertype(p, w, f.off, f.type);
    if (out == WEIR_PARSE_ON)
        out = weir_parse_transport(p, w);
    weir_tunnel_leave(p, w, &f, out);
}
