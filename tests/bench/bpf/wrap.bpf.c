/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */

/* The driver of a stream: each turn of the test run puts the next packet into the buffer and jumps
 * into the program under test. */

#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
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

__u32 pos, first, pass, count; /* set by stream.c */

/* RFC 1624, equation 3, for one word more. */
static __always_inline __u32 step_word(__u8 *at, __u32 step, __u32 sum)
{
    __u32 before = *(__u32 *)at, after = bpf_htonl(bpf_ntohl(before) + step);

    *(__u32 *)at = after;
    return sum + (~before & 0xffff) + (~before >> 16) + (after & 0xffff) + (after >> 16);
}

/* IPv4 without options, as mkpcap writes it. */
static __always_inline void step(__u8 *data, __u8 *end, const struct bench_slot *s)
{
    __u32 sum;

    if (data + 54 > end)
        return;
    sum = ~*(__u16 *)(data + 50) & 0xffff;
    sum = step_word(data + 38, s->seq_step * pass, sum);
    sum = step_word(data + 42, s->ack_step * pass, sum);
    sum = (sum & 0xffff) + (sum >> 16);
    *(__u16 *)(data + 50) = (__u16) ~((sum & 0xffff) + (sum >> 16));
}

SEC("xdp.frags")
int wrap(struct xdp_md *ctx)
{
    __u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
    struct bench_slot *s;
    __u32 i = pos, len, snap;
    long grown;

    pos = i + 1;
    if (pos >= count)
        pos = first;
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
    if (s->seq_step | s->ack_step)
        step((void *)(long)ctx->data, (void *)(long)ctx->data_end, s);
    pass += pos == first;
    bpf_tail_call_static(ctx, &target, 0);
    return XDP_ABORTED;
}
