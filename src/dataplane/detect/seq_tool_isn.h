/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Initial sequence numbers that give a tool away: Shaft's constant (Snort 116:433), Naptha's with
 * its IP ID (Snort 116:402), and the destination address (Mirai's scanner). By chance 2^-32 a SYN.
 */
#include "dataplane/hit.h"
#include "dataplane/pkt.h"

#define WEIR_ISN_SHAFT 674711609U
#define WEIR_ISN_NAPTHA 0x005c7b2aU
#define WEIR_IP_ID_NAPTHA 413

enum weir_isn_tool {
    WEIR_ISN_TOOL_NONE,
    WEIR_ISN_TOOL_SHAFT,
    WEIR_ISN_TOOL_NAPTHA,
    WEIR_ISN_TOOL_DESTINATION,
};

WEIR_FN enum weir_isn_tool weir_isn_tool(const struct weir_pkt *p)
{
    __u32 dst =
        (__u32)p->dst[12] << 24 | (__u32)p->dst[13] << 16 | (__u32)p->dst[14] << 8 | p->dst[15];

    if (p->seq == WEIR_ISN_SHAFT)
        return WEIR_ISN_TOOL_SHAFT;
    if (p->seq == WEIR_ISN_NAPTHA && p->ip_id == WEIR_IP_ID_NAPTHA)
        return WEIR_ISN_TOOL_NAPTHA;
    return p->ip_version == 4 && p->seq == dst ? WEIR_ISN_TOOL_DESTINATION : WEIR_ISN_TOOL_NONE;
}

WEIR_FN enum weir_hit weir_detect_seq_tool_isn(const struct weir_pkt *p, struct weir_evidence *e)
{
    enum weir_isn_tool tool;

    if (!(p->traits & WEIR_TRAIT_SYN) || !weir_pkt_is_tcp(p) || p->tcp_flags & WEIR_ACK)
        return WEIR_MISS;
    tool = weir_isn_tool(p);
    if (tool == WEIR_ISN_TOOL_NONE)
        return WEIR_MISS;
    weir_evidence_set(e, tool, 0, 0);
    return WEIR_HIT;
}
