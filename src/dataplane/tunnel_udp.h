/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Tunnels over UDP: VXLAN (RFC 7348), Geneve (RFC 8926), GTP-U (3GPP TS 29.281). Their ports may as
 * well be a client's, so that a header has to look like one before it is believed. The checksum of
 * the UDP outside is not judged: RFC 7348 4 and RFC 8926 3.3 let it be zero. */

#include "dataplane/tunnel_ip.h"

#define WEIR_VXLAN_VNI 0x08000000  /* "I": the VNI is valid */
#define WEIR_VXLAN_GPE 0x04000000  /* "P" of VXLAN-GPE: what follows need not be Ethernet */
#define WEIR_GENEVE_REFUSED 0xc080 /* version, and "O": a control message */
#define WEIR_GTP_VERSION 0xf0
#define WEIR_GTP_VERSION_1 0x30 /* and GTP, not GTP' */
#define WEIR_GTP_EXTENSION 0x04
#define WEIR_GTP_OPTIONAL 0x07 /* any of extension, sequence, N-PDU number: four more bytes */
#define WEIR_GTP_GPDU 255
#define WEIR_GTP_EXTENSIONS_MAX 4 /* a G-PDU has one, the PDU session container, or two */

/* Bound the inside by the UDP length, and find the UDP payload. False: it has no room for a header.
 */
WEIR_FN bool weir_open_udp(struct weir_pkt *p, const struct weir_window *w, __u32 *ret_off)
{
    __u32 off = p->l4_off, bytes = weir_window_u16(w, off + 4);

    if (!weir_window_has(w, off, 16) || bytes < 16)
        return false;
    if (bytes < p->l4_len)
        p->limit = off + bytes;
    *ret_off = off + 8;
    return true;
}

WEIR_FN bool weir_open_vxlan(struct weir_pkt *p, const struct weir_window *w)
{
    __u32 off, flags;

    if (!weir_open_udp(p, w, &off))
        return false;
    flags = weir_window_u32(w, off);
    if (!(flags & WEIR_VXLAN_VNI) || flags & WEIR_VXLAN_GPE)
        return false;
    p->outside.id = weir_window_u32(w, off + 4) >> 8;
    weir_inside_is(p, WEIR_TUNNEL_VXLAN, off + 8, WEIR_INSIDE_ETHERNET);
    return weir_inside_has_ethernet(w, off + 8);
}

WEIR_FN bool weir_open_geneve(struct weir_pkt *p, const struct weir_window *w)
{
    __u32 off, options;
    __u16 head, type;

    if (!weir_open_udp(p, w, &off))
        return false;
    head = weir_window_u16(w, off);
    type = weir_window_u16(w, off + 2);
    options = (head >> 8 & 0x3f) * 4U;
    p->outside.id = weir_window_u32(w, off + 4) >> 8;
    weir_inside_is(p, WEIR_TUNNEL_GENEVE, off + 8 + options, type);
    return !(head & WEIR_GENEVE_REFUSED) &&
           (type == WEIR_INSIDE_ETHERNET || weir_inside_is_known(type));
}

/* Extension headers of GTP-U at the cursor: length in words first, type of the next one last. next:
 * type of the first. False: too many, or one without length. */
WEIR_FN bool weir_gtp_extensions(struct weir_pkt *p, const struct weir_window *w, __u8 next)
{
    p->seen = next;
    for (int i = 0; i < WEIR_GTP_EXTENSIONS_MAX; i++) {
        __u32 at = weir_pkt_cursor(p), bytes = weir_window_u8(w, at) * 4U;

        if (!*(volatile __u32 *)&p->seen)
            return true;
        if (!bytes || !weir_window_has(w, at, bytes))
            return false;
        *(volatile __u32 *)&p->seen = weir_window_u8(w, at + bytes - 1);
        weir_pkt_set_cursor(p, at + bytes);
    }
    return !*(volatile __u32 *)&p->seen;
}

WEIR_FN bool weir_open_gtp(struct weir_pkt *p, const struct weir_window *w)
{
    __u32 off;
    __u8 flags, version;

    if (!weir_open_udp(p, w, &off))
        return false;
    flags = weir_window_u8(w, off);
    if ((flags & WEIR_GTP_VERSION) != WEIR_GTP_VERSION_1 ||
        weir_window_u8(w, off + 1) != WEIR_GTP_GPDU)
        return false;
    p->outside.id = weir_window_u32(w, off + 4);
    weir_pkt_set_cursor(p, off + (flags & WEIR_GTP_OPTIONAL ? 12 : 8));
    if (flags & WEIR_GTP_EXTENSION &&
        (!weir_window_has(w, off, 12) || !weir_gtp_extensions(p, w, weir_window_u8(w, off + 11))))
        return false;
    off = weir_pkt_cursor(p);
    version = weir_window_has(w, off, 1) ? weir_window_u8(w, off) >> 4 : 0;
    weir_inside_is(p, WEIR_TUNNEL_GTP, off, version == 6 ? WEIR_ETH_IP6 : WEIR_ETH_IP4);
    return version == 4 || version == 6;
}
