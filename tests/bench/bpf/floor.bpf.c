/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */

/* The floor: the least that any XDP filter of TCP does. */

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "Dual BSD/GPL";

static __always_inline int parse(struct xdp_md *ctx, int tcp, int other)
{
    void *end = (void *)(long)ctx->data_end;
    struct ethhdr *eth = (void *)(long)ctx->data;
    struct iphdr *ip = (void *)(eth + 1);
    struct tcphdr *t;

    if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
        return other;
    if (ip->protocol != IPPROTO_TCP || ip->ihl < 5)
        return other;
    t = (void *)ip + ip->ihl * 4;
    if ((void *)(t + 1) > end || t->doff < 5)
        return other;
    return tcp;
}

SEC("xdp")
int nop(struct xdp_md *ctx)
{
    (void)ctx;
    return XDP_DROP;
}

SEC("xdp")
int parse_drop(struct xdp_md *ctx)
{
    return parse(ctx, XDP_DROP, XDP_PASS);
}

SEC("xdp")
int parse_pass(struct xdp_md *ctx)
{
    return parse(ctx, XDP_PASS, XDP_PASS);
}

/* All but the rig's own clients, 10.77.0.0/24. */
SEC("xdp")
int drop_strangers(struct xdp_md *ctx)
{
    void *end = (void *)(long)ctx->data_end;
    struct iphdr *ip = (void *)(long)ctx->data + sizeof(struct ethhdr);

    if (parse(ctx, XDP_DROP, XDP_PASS) == XDP_PASS || (void *)(ip + 1) > end)
        return XDP_PASS;
    return (bpf_ntohl(ip->saddr) & 0xffffff00) == 0x0a4d0000 ? XDP_PASS : XDP_DROP;
}
