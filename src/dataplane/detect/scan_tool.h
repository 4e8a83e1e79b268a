/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Header fingerprints of port scanners. nmap: window a small multiple of 1024 and MSS 1460 as the
 * only option (measured on 7.93). masscan: IP ID is the low half of destination ^ port ^ sequence
 * number. ZMap: IP ID 54321 and window 65535 (its template; newer ones draw the ID). Counted, not
 * found: each may be chance, and what the scanner does decides. */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

#define WEIR_ZMAP_IP_ID 54321
#define WEIR_ZMAP_WINDOW 65535

enum weir_scan_tool {
    WEIR_SCAN_TOOL_NONE,
    WEIR_SCAN_TOOL_NMAP,
    WEIR_SCAN_TOOL_MASSCAN,
    WEIR_SCAN_TOOL_ZMAP,
};

WEIR_FN bool weir_scan_is_nmap(const struct weir_pkt *p)
{
    return p->options == WEIR_OPTION_MSS && p->mss == 1460 && p->window >= 1024 &&
           p->window <= 4096 && !(p->window & 1023);
}

WEIR_FN bool weir_scan_is_masscan(const struct weir_pkt *p)
{
    __u32 dst_low = (__u32)p->dst[14] << 8 | p->dst[15];

    return p->ip_version == 4 && p->ip_id == ((dst_low ^ p->dport ^ p->seq) & 0xffff);
}

WEIR_FN enum weir_scan_tool weir_scan_tool(const struct weir_pkt *p)
{
    if (weir_scan_is_masscan(p))
        return WEIR_SCAN_TOOL_MASSCAN;
    if (weir_scan_is_nmap(p))
        return WEIR_SCAN_TOOL_NMAP;
    return p->ip_id == WEIR_ZMAP_IP_ID && p->window == WEIR_ZMAP_WINDOW ? WEIR_SCAN_TOOL_ZMAP
                                                                        : WEIR_SCAN_TOOL_NONE;
}

WEIR_FN enum weir_hit weir_detect_scan_tool(const struct weir_pkt *p, struct weir_evidence *e)
{
    enum weir_scan_tool tool;

    if (!(p->traits & WEIR_TRAIT_SYN) || !weir_pkt_is_tcp(p) || p->tcp_flags & WEIR_ACK)
        return WEIR_MISS;
    tool = weir_scan_tool(p);
    if (tool == WEIR_SCAN_TOOL_NONE)
        return WEIR_MISS;
    weir_evidence_set(e, tool, 0, 0);
    return WEIR_HIT;
}
