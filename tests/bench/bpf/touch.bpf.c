/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */

/* The least that a per-source table costs: parse, find the record of the source's /24 in a hash and
 * count on it. */

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "Dual BSD/GPL";

struct record {
    __u64 packets;
    __u64 rest[2];
};

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 262144);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, __u64);
    __type(value, struct record);
} records SEC(".maps");

SEC("xdp")
int find_and_touch(struct xdp_md *ctx)
{
    void *end = (void *)(long)ctx->data_end;
    struct ethhdr *eth = (void *)(long)ctx->data;
    struct iphdr *ip = (void *)(eth + 1);
    struct record *r, fresh = { 1, { 0 } };
    __u64 key;

    if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
        return XDP_PASS;
    key = bpf_ntohl(ip->saddr) >> 8;
    r = bpf_map_lookup_elem(&records, &key);
    if (r) {
        r->packets++;
        return XDP_DROP;
    }
    bpf_map_update_elem(&records, &key, &fresh, BPF_ANY);
    return XDP_PASS;
}
