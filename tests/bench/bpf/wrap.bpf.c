/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */

/* The driver of a stream: each turn of the test run puts the next packet into the buffer and jumps
 * into the program under test. */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "../slot.h"

char _license[] SEC("license") = "Dual BSD/GPL";

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(map_flags, BPF_F_MMAPABLE);
    __type(key, __u32);
    __type(value, struct bench_slot);
    __uint(max_entries, 1);
} corpus SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u32);
} target SEC(".maps");

__u32 pos, count; /* set by prog.c */

SEC("xdp.frags")
int wrap(struct xdp_md *ctx)
{
    __u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
    struct bench_slot *s;
    __u32 i = pos, len, snap;
    long grown;

    pos = i + 1 < count ? i + 1 : 0;
    s = bpf_map_lookup_elem(&corpus, &i);
    if (!s)
        return XDP_ABORTED;
    len = s->len;
    snap = s->snap;
    grown = end - data - (long)len;
    if (grown && bpf_xdp_adjust_tail(ctx, -grown))
        return XDP_ABORTED;
    if (snap < 1 || snap > BENCH_SNAP || bpf_xdp_store_bytes(ctx, 0, s->data, snap))
        return XDP_ABORTED;
    bpf_tail_call_static(ctx, &target, 0);
    return XDP_ABORTED;
}
