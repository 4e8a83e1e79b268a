/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* What the core must not know: clock, randomness, where counters are, how either hook reads bytes.
 */

#include "maps.bpf.h"

/* Exact time: for what is reported. About 35 ns. */
static __always_inline __u64 weir_now(void)
{
    if (weir_test)
        return *(volatile __u64 *)&control.test_now_ns;
    return bpf_ktime_get_ns();
}

/* Time to a kernel tick, on the same clock: for expiry. The tick count is one inlined load, and the
 * clock is read only when it has moved. */
static __always_inline __u64 weir_now_coarse(struct weir_run *r)
{
    __u64 jiffies;

    if (weir_test)
        return *(volatile __u64 *)&control.test_now_ns;
    jiffies = bpf_jiffies64();
    if (r->jiffies != jiffies) {
        r->jiffies = jiffies;
        r->coarse_ns = bpf_ktime_get_coarse_ns();
    }
    return r->coarse_ns;
}

static __always_inline __u32 weir_random(void)
{
    if (weir_test)
        return (__u32) * (volatile __u64 *)&control.test_random;
    return bpf_get_prandom_u32();
}

/* The key is a copy: a hook whose address goes to a helper is no constant to the compiler. */
static __always_inline struct weir_counters *weir_counters_of(__u32 hook)
{
    __u32 key = hook;

    return bpf_map_lookup_elem(&counters, &key);
}

static __always_inline struct weir_run *weir_run_of(__u32 hook)
{
    __u32 key = hook;

    return bpf_map_lookup_elem(&run, &key);
}

static __always_inline void weir_port_count(__u32 ifindex, __u32 hook, __u32 bytes, bool drop)
{
    __u32 place = weir_port_place(ifindex, hook);
    struct weir_port *port = bpf_map_lookup_elem(&ports, &place);

    if (!port)
        return;
    port->packets++;
    port->bytes += bytes;
    port->drops += drop;
}

/* Is it an address of this machine? */
static __always_inline bool weir_addr_own(const __u8 addr[16])
{
    struct weir_ip6 key;
    __u32 tail, bit;

    __builtin_memcpy(&tail, addr + 12, sizeof(tail));
    bit = weir_own_bit(tail);
    if (WEIR_LIKELY(!(*(volatile __u64 *)&control.own_bloom[bit >> 6 & 7] >> (bit & 63) & 1)))
        return false;
    __builtin_memcpy(&key, addr, sizeof(key));
    return bpf_map_lookup_elem(&own, &key);
}

/* Number of the zone of a packet: that of its VLAN on its interface, of its VLAN, of its interface.
 * vlan 0: untagged. A global function, as all stages. */
__noinline int weir_stage_zone(__u32 ifindex, __u32 vlan, __u32 image)
{
    struct weir_zone_key key = { .ifindex = ifindex, .vlan = vlan, .image = image };
    __u32 *zone;

    if (vlan) {
        zone = bpf_map_lookup_elem(&zones, &key);
        if (zone)
            return *zone;
        key.ifindex = 0;
        zone = bpf_map_lookup_elem(&zones, &key);
        if (zone)
            return *zone;
        key.ifindex = ifindex;
        key.vlan = 0;
    }
    zone = bpf_map_lookup_elem(&zones, &key);
    return zone ? *zone : 0;
}

/* What policy says to a packet, all of it from one image: `now` is read once. */
static __always_inline const struct weir_policy *weir_policy_of(__u32 ifindex, __u32 vlan)
{
    __u32 now = *(volatile __u32 *)&policy.now & (WEIR_NOW_ENFORCE | WEIR_NOW_IMAGE);
    __u32 image = now / WEIR_NOW_IMAGE, zone = 0;

    if (*(volatile __u32 *)&policy.rules[image])
        zone = weir_stage_zone(ifindex, vlan, image);
    return &policy.set[now][zone & (WEIR_ZONES - 1)];
}

/* Bytes of the frame, wherever they lie: head, fragments of a multi-buffer frame, pages of an skb.
 */
static __always_inline long weir_load(void *ctx, __u32 hook, __u32 off, void *to, __u32 len)
{
    if (hook == WEIR_HOOK_XDP)
        return bpf_xdp_load_bytes(ctx, off, to, len);
    return bpf_skb_load_bytes(ctx, off, to, len);
}

static __always_inline __u32 weir_frame_bytes(void *ctx, __u32 hook)
{
    if (hook == WEIR_HOOK_XDP)
        return (__u32)bpf_xdp_get_buff_len(ctx);
    return ((struct __sk_buff *)ctx)->len;
}

/* Fill the window by helper, wherever the bytes lie. False: the frame is empty or unreadable. */
static __always_inline bool weir_window_load(void *ctx, __u32 hook, struct weir_window *w)
{
    __u32 wire = weir_frame_bytes(ctx, hook);
    __u32 cap = wire < WEIR_WINDOW_BYTES ? wire : WEIR_WINDOW_BYTES;

    w->wire = wire;
    w->cap = cap;
    barrier_var(cap); /* else clang drops the check as known, which the verifier does not see */
    if (cap < 1 || cap > WEIR_WINDOW_BYTES)
        return false;
    return weir_load(ctx, hook, 0, w->b, cap) == 0;
}

/* Bytes copied at first: Ethernet, a VLAN tag, IPv6 and TCP with timestamps are 90, IPv4 and a SYN
 * with the usual options 74. Few frames need more, and for those the window is loaded again.
 *
 * Words begin at byte 6, so that each four-byte field of the headers, which begin at 14, lies
 * within one of them: a load that takes from two stores waits until both have left the store
 * buffer, and there would be seven of those in a packet. */
#define WEIR_QUICK_HEAD 6
#define WEIR_QUICK_WORDS 11

/* Words [from, to) of the frame; they are there. */
static __always_inline void weir_copy_words(struct weir_window *w, void *data, __u32 from, __u32 to)
{
#pragma clang loop unroll(full)
    for (__u32 i = from; i < to; i++)
        *(__u64 *)(w->b + WEIR_QUICK_HEAD + 8 * i) = *(__u64 *)(data + WEIR_QUICK_HEAD + 8 * i);
}

static __always_inline __u32 weir_copy_tail(struct weir_window *w, void *data, void *end, __u32 cap)
{
    data += cap;
    if (data + 4 <= end) {
        *(__u32 *)(w->b + cap) = *(__u32 *)data;
        data += 4;
        cap += 4;
    }
    if (data + 2 <= end) {
        *(__u16 *)(w->b + cap) = *(__u16 *)data;
        data += 2;
        cap += 2;
    }
    if (data + 1 <= end) {
        w->b[cap] = *(__u8 *)data;
        cap++;
    }
    return cap;
}

/* What follows the first `words` words, one by one. */
static __always_inline __u32 weir_copy_rest(struct weir_window *w, void *data, void *end,
                                            __u32 words)
{
#pragma clang loop unroll(full)
    for (__u32 i = 0; i < WEIR_QUICK_WORDS; i++) {
        if (i < words)
            continue;
        if (data + WEIR_QUICK_HEAD + 8 * (i + 1) > end)
            return weir_copy_tail(w, data, end, WEIR_QUICK_HEAD + 8 * i);
        weir_copy_words(w, data, i, i + 1);
    }
    return WEIR_QUICK_HEAD + 8 * WEIR_QUICK_WORDS;
}

/* The first bytes of the frame's linear part, by plain loads: a tenth of what the helper takes. The
 * lengths at the top are those of full frames and of a bare acknowledgement with timestamps. */
static __always_inline __u32 weir_window_quick(struct weir_window *w, void *data, void *end)
{
    if (data + WEIR_QUICK_HEAD > end)
        return weir_copy_tail(w, data, end, 0);
    *(__u32 *)w->b = *(__u32 *)data;
    *(__u16 *)(w->b + 4) = *(__u16 *)(data + 4);
    if (data + WEIR_QUICK_HEAD + 8 * WEIR_QUICK_WORDS <= end) {
        weir_copy_words(w, data, 0, WEIR_QUICK_WORDS);
        return WEIR_QUICK_HEAD + 8 * WEIR_QUICK_WORDS;
    }
    if (data + WEIR_QUICK_HEAD + 8 * 7 <= end) {
        weir_copy_words(w, data, 0, 7);
        return weir_copy_rest(w, data, end, 7);
    }
    return weir_copy_rest(w, data, end, 0);
}
