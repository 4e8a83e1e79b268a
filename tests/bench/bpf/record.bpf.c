/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */

/* The least that a table of connections costs: parse, find the record of the connection, write to
 * two lines of it. Records as large as weir's. Three tables: an array that the hash indexes (no key
 * is compared, nobody is ever evicted: a floor, not a table), a hash, an LRU hash. */

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "abi/flow.h"

char _license[] SEC("license") = "Dual BSD/GPL";

#define RECORDS (1 << 22)

struct tuple {
    __u32 addr[2]; /* the smaller first, so that both directions are one */
    __u16 port[2];
};

struct record {
    __u64 packets;
    __u64 line[sizeof(struct weir_flow) / 8 - 1];
};

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, RECORDS);
    __type(key, __u32);
    __type(value, struct record);
} array SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, RECORDS);
    __type(key, struct tuple);
    __type(value, struct record);
} hash SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, RECORDS);
    __type(key, struct tuple);
    __type(value, struct record);
} lru SEC(".maps");

static const struct record fresh;

static __always_inline int tuple_of(struct xdp_md *ctx, struct tuple *t)
{
    void *end = (void *)(long)ctx->data_end;
    struct ethhdr *eth = (void *)(long)ctx->data;
    struct iphdr *ip = (void *)(eth + 1);
    struct tcphdr *tcp = (void *)(ip + 1);

    if ((void *)(tcp + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5 ||
        ip->protocol != IPPROTO_TCP)
        return -1;
    if (ip->saddr > ip->daddr)
        *t = (struct tuple){ { ip->daddr, ip->saddr }, { tcp->dest, tcp->source } };
    else
        *t = (struct tuple){ { ip->saddr, ip->daddr }, { tcp->source, tcp->dest } };
    return 0;
}

static __always_inline int touch(struct record *r)
{
    if (!r)
        return XDP_PASS;
    r->packets++;
    r->line[16]++; /* two lines further on */
    return XDP_DROP;
}

SEC("xdp")
int touch_array(struct xdp_md *ctx)
{
    struct tuple t = { 0 };
    __u64 h;
    __u32 at;

    if (tuple_of(ctx, &t))
        return XDP_PASS;
    h = ((__u64)t.addr[0] << 32 | t.addr[1]) * 0x9e3779b97f4a7c15ULL;
    h = (h ^ h >> 32 ^ ((__u32)t.port[0] << 16 | t.port[1])) * 0x9e3779b97f4a7c15ULL;
    at = h >> 42;
    return touch(bpf_map_lookup_elem(&array, &at));
}

SEC("xdp")
int touch_hash(struct xdp_md *ctx)
{
    struct tuple t = { 0 };
    struct record *r;

    if (tuple_of(ctx, &t))
        return XDP_PASS;
    r = bpf_map_lookup_elem(&hash, &t);
    if (!r)
        bpf_map_update_elem(&hash, &t, &fresh, BPF_ANY);
    return touch(r);
}

SEC("xdp")
int touch_lru(struct xdp_md *ctx)
{
    struct tuple t = { 0 };
    struct record *r;

    if (tuple_of(ctx, &t))
        return XDP_PASS;
    r = bpf_map_lookup_elem(&lru, &t);
    if (!r)
        bpf_map_update_elem(&lru, &t, &fresh, BPF_ANY);
    return touch(r);
}
