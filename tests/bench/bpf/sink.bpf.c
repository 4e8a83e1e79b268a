/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */

/* Swallow the answers to spoofed sources, pass what goes to 10.77.0.0/24, the rig itself. */

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "Dual BSD/GPL";

/* On the attacker's side. */
SEC("xdp")
int sink(struct xdp_md *ctx)
{
    void *end = (void *)(long)ctx->data_end;
    struct ethhdr *eth = (void *)(long)ctx->data;
    struct iphdr *ip = (void *)(eth + 1);

    if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
        return XDP_PASS;
    return (bpf_ntohl(ip->daddr) & 0xffffff00) == 0x0a4d0000 ? XDP_PASS : XDP_DROP;
}
