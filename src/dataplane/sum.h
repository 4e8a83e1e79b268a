/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Internet checksum (RFC 1071): sums of 16-bit words as loaded natively, so that a sum and a
 * checksum field compare without swapping on any machine. */

#include "dataplane/pkt.h"
#include "dataplane/window.h"

WEIR_FN __u16 weir_sum_fold(__u64 sum)
{
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (__u16)sum;
}

/* Sum of an address field of 16 bytes. IPv4 mapped addresses carry 0xffff, which is 0 in ones'
 * complement: the same code serves both families. */
WEIR_FN __u64 weir_sum_addr(const __u8 addr[16])
{
    __u32 w[4];

    __builtin_memcpy(w, addr, sizeof(w));
    return (__u64)w[0] + w[1] + w[2] + w[3];
}

/* Pseudo-header of RFC 9293 3.1 and RFC 8200 8.1, folded, not complemented. */
WEIR_FN __u16 weir_sum_pseudo(const struct weir_pkt *p)
{
    __u64 sum = weir_sum_addr(p->src) + weir_sum_addr(p->dst);

    sum += weir_ntoh16((__u16)p->l4_len);
    sum += weir_ntoh16((__u16)(p->l4_len >> 16));
    sum += weir_ntoh16(p->proto);
    sum += p->pseudo_adjust;
    return weir_sum_fold(sum);
}

/* Segments that only hardware can have left whole. */
#define WEIR_SUM_OFFLOAD_MIN 1500

/* What a sender leaves in the field for its hardware to complete: the pseudo-header's sum (Linux
 * CHECKSUM_PARTIAL: tcp_v4_send_check, tcp_v6_send_check), for large sends also without the length
 * (NDIS, "Large Send Offload"). */
WEIR_FN bool weir_sum_is_pending(const struct weir_pkt *p, __u16 pseudo)
{
    __u16 length =
        weir_sum_fold((__u64)weir_ntoh16((__u16)p->l4_len) + weir_ntoh16((__u16)(p->l4_len >> 16)));

    if (p->tcp_check == pseudo)
        return true;
    return p->l4_len > WEIR_SUM_OFFLOAD_MIN &&
           p->tcp_check == weir_sum_fold((__u64)pseudo + (__u16)~length);
}

/* Judge the TCP checksum. segment_sum: sum of the l4_len bytes at l4_off, loaded natively; the host
 * computes it because only the host can reach bytes behind the window. Call only when
 * weir_sum_checkable(). */
WEIR_FN void weir_sum_judge_tcp(struct weir_pkt *p, __u64 segment_sum)
{
    __u16 pseudo = weir_sum_pseudo(p);

    if (WEIR_LIKELY(weir_sum_fold((__u64)pseudo + weir_sum_fold(segment_sum)) == 0xffff))
        return;
    p->traits |=
        weir_sum_is_pending(p, pseudo) ? WEIR_TRAIT_CHECKSUM_PENDING : WEIR_TRAIT_TCP_CHECKSUM;
}

/* All that the checksum covers is in this packet. A source route on its way has the final address,
 * which is the one summed, in the option (as senders do: Linux tcp_v4_send_check); the route itself
 * is a finding. */
WEIR_FN bool weir_sum_checkable(const struct weir_pkt *p)
{
    const __u64 cut = WEIR_TRAIT_TRUNCATED | WEIR_TRAIT_TUNNEL_PART | WEIR_TRAIT_IP4_OPTION_ROUTE;

    return weir_pkt_is_tcp(p) && !p->fragment_more && !(p->traits & cut);
}
