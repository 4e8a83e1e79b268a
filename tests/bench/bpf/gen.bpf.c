/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */

/* SYN generator, run by BPF_F_TEST_XDP_LIVE_FRAMES: it writes each frame from a template with a
 * fresh source, port and sequence number and redirects it to a device. Ahead of the wanted rate it
 * drops the frame instead. */

#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "Dual BSD/GPL";

#define FRAME_MAX 80

const volatile __u8 frame[FRAME_MAX]; /* template: source, port and sequence number are zero */
const volatile __u32 len, ifindex, src_base, src_mask;
const volatile __u32 ip_sum, tcp_sum; /* sums of the template, unfolded */
__u64 rate, start, sent, held, rng = 88172645463325252ULL;

static __always_inline __u16 fold(__u32 s)
{
    s = (s & 0xffff) + (s >> 16);
    s = (s & 0xffff) + (s >> 16);
    return bpf_htons(~s & 0xffff);
}

static __always_inline int copy_template(__u8 *p, __u8 *end)
{
    if (p + 60 > end)
        return -1;
    for (int i = 0; i < 56; i += 8)
        *(__u64 *)(p + i) = *(volatile __u64 *)(frame + i);
    *(__u32 *)(p + 56) = *(volatile __u32 *)(frame + 56);
    if (len != 74)
        return 0;
    if (p + 74 > end)
        return -1;
    for (int i = 60; i < 74; i += 2)
        *(__u16 *)(p + i) = *(volatile __u16 *)(frame + i);
    return 0;
}

SEC("xdp")
int gen(struct xdp_md *ctx)
{
    __u8 *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
    __u64 x = rng;
    __u32 src, seq, s;
    __u16 port;

    if (rate && sent * 1000000000ULL >= (bpf_ktime_get_ns() - start) * rate) {
        held++;
        return XDP_DROP;
    }
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    rng = x;
    src = src_base | ((__u32)x & src_mask);
    seq = x >> 32;
    port = 1024 + (__u16)((x >> 20) % 64000);
    s = (src >> 16) + (src & 0xffff);
    if (copy_template(p, end))
        return XDP_ABORTED;
    if (p + 60 > end)
        return XDP_ABORTED;
    *(__u32 *)(p + 26) = bpf_htonl(src);
    *(__u16 *)(p + 34) = bpf_htons(port);
    *(__u32 *)(p + 38) = bpf_htonl(seq);
    *(__u16 *)(p + 24) = fold(ip_sum + s);
    *(__u16 *)(p + 50) = fold(tcp_sum + s + port + (seq >> 16) + (seq & 0xffff));
    sent++;
    return bpf_redirect(ifindex, 0);
}
