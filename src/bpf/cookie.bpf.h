/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* SYN cookies for listeners of this machine, sent from XDP: the kernel makes them and checks what
 * comes back, so that it takes the connections that they open (docs/decisions/009-cookies.md). Only
 * packets that open or resume a connection come here. */

#include "flood.bpf.h"

enum weir_fate {
    WEIR_FATE_PASS,
    WEIR_FATE_DROP,
    WEIR_FATE_ANSWERED, /* the frame is the answer to its sender */
};

/* A cookie is taken for two minutes (MAX_SYNCOOKIE_AGE 2, of TCP_SYNCOOKIE_PERIOD 60 s). In units
 * of 2^30 ns. */
#define WEIR_COOKIE_SECONDS 112

/* What would take this packet; release it. NULL: nobody, or no listener. */
static __always_inline struct bpf_sock *weir_listener(struct xdp_md *ctx, const struct weir_pkt *p)
{
    struct bpf_sock_tuple to = { 0 };
    __u16 sport = weir_ntoh16(p->sport), dport = weir_ntoh16(p->dport);
    struct bpf_sock *sk;

    if (p->ip_version == 4) {
        __builtin_memcpy(&to.ipv4.saddr, p->src + 12, 4);
        __builtin_memcpy(&to.ipv4.daddr, p->dst + 12, 4);
        to.ipv4.sport = sport;
        to.ipv4.dport = dport;
        sk = bpf_skc_lookup_tcp(ctx, &to, sizeof(to.ipv4), BPF_F_CURRENT_NETNS, 0);
    } else {
        __builtin_memcpy(to.ipv6.saddr, p->src, 16);
        __builtin_memcpy(to.ipv6.daddr, p->dst, 16);
        to.ipv6.sport = sport;
        to.ipv6.dport = dport;
        sk = bpf_skc_lookup_tcp(ctx, &to, sizeof(to.ipv6), BPF_F_CURRENT_NETNS, 0);
    }
    if (!sk)
        return NULL;
    if (sk->state == BPF_TCP_LISTEN)
        return sk;
    bpf_sk_release(sk);
    return NULL;
}

/* The number for the answer, and the listener's verdict; negative: it wants none. */
static __always_inline __s64 weir_cookie_make(struct xdp_md *ctx, struct weir_run *r)
{
    struct bpf_sock *sk = weir_listener(ctx, &r->p);
    __s64 made;

    if (!sk)
        return -1;
    weir_cookie_head(&r->head, &r->p);
    if (r->p.ip_version == 4)
        made = bpf_tcp_gen_syncookie(sk, r->head.ip, 20, (void *)r->head.tcp, WEIR_COOKIE_TCP);
    else
        made = bpf_tcp_gen_syncookie(sk, r->head.ip, 40, (void *)r->head.tcp, WEIR_COOKIE_TCP);
    bpf_sk_release(sk);
    return made;
}

/* The answer in place of the frame. */
static __always_inline bool weir_cookie_write(struct xdp_md *ctx, struct weir_run *r, __u32 isn)
{
    __u32 mtu = 0, len;

    (void)bpf_check_mtu(ctx, 0, &mtu, 0, 0); /* what it says of this frame does not matter */
    weir_cookie_answer(&r->reply, &r->p, &r->w, isn, (__u16)weir_cookie_mss(mtu, r->p.ip_version));
    len = r->reply.len;
    barrier_var(len);
    if (len < WEIR_COOKIE_FRAME_MIN || len > WEIR_COOKIE_FRAME_MAX)
        return false;
    if (bpf_xdp_adjust_tail(ctx, (int)(len - (__u32)bpf_xdp_get_buff_len(ctx))))
        return false;
    return bpf_xdp_store_bytes(ctx, 0, r->reply.b, len) == 0;
}

static __always_inline void weir_cookie_counted(const struct weir_run *r)
{
    struct weir_dest_cpu *cpu;

    if (!weir_flood_on || r->f.index == WEIR_DEST_NONE)
        return;
    cpu = weir_dest_cpu_of(r->f.index, bpf_get_smp_processor_id());
    if (cpu)
        cpu->seen[WEIR_SEEN_COOKIE]++;
}

/* Is the service that the SYN is for under attack? */
static __always_inline bool weir_cookie_needed(const struct weir_run *r)
{
    return weir_flood_on && r->f.index != WEIR_DEST_NONE && r->f.state == WEIR_DEST_ATTACK;
}

/* Would an answer be lost? */
static __always_inline bool weir_port_is_deaf(const struct weir_run *r)
{
    __u32 key = r->ifindex, *port = bpf_map_lookup_elem(&inbound, &key);

    return port && *port & WEIR_INBOUND_DEAF;
}

/* A SYN. 1: send the frame back. */
__noinline int weir_stage_cookie(struct xdp_md *ctx, struct weir_run *r)
{
    struct weir_counters *c = weir_counters_of(WEIR_HOOK_XDP);
    const struct weir_policy *policy_of;
    __u32 second;
    __s64 made;

    if (!r || !c)
        return 0;
    policy_of = weir_policy_of(r->ifindex, weir_pkt_vlan(&r->p));
    if (policy_of->cookies == WEIR_COOKIES_OFF)
        return 0;
    if (policy_of->cookies == WEIR_COOKIES_AUTO && !weir_cookie_needed(r))
        return 0;
    if (!weir_cookie_answerable(&r->p, &r->w) || !weir_addr_own(r->p.dst) || weir_port_is_deaf(r))
        return 0;
    if (policy_of->mode != WEIR_MODE_ENFORCE) {
        c->n[WEIR_COUNTER_COOKIE_WOULD]++;
        return 0;
    }
    made = weir_cookie_make(ctx, r);
    if (made < 0) {
        c->n[WEIR_COUNTER_COOKIE_DECLINED]++;
        return 0;
    }
    if (!weir_cookie_write(ctx, r, (__u32)made)) {
        c->n[WEIR_COUNTER_LOST_COOKIE]++;
        return 0;
    }
    c->n[WEIR_COUNTER_COOKIE_SENT]++;
    weir_cookie_counted(r);
    second = (__u32)(weir_now_coarse(r) >> 30);
    if (*(volatile __u32 *)&control.cookie_s != second)
        *(volatile __u32 *)&control.cookie_s = second;
    return 1;
}

static __always_inline bool weir_cookie_is_out(struct weir_run *r)
{
    __u32 newest = *(volatile __u32 *)&control.cookie_s;

    return newest && (__u32)(weir_now_coarse(r) >> 30) - newest <= WEIR_COOKIE_SECONDS;
}

/* An acknowledgement that may carry a cookie. The listener itself takes or refuses it; one that it
 * takes completes a handshake, though nobody remembers its SYN: not a stray that counts against its
 * sender. */
__noinline int weir_stage_cookie_back(struct xdp_md *ctx, struct weir_run *r)
{
    struct weir_counters *c = weir_counters_of(WEIR_HOOK_XDP);
    struct bpf_sock *sk;
    long refused;

    if (!r || !c)
        return 0;
    sk = weir_listener(ctx, &r->p);
    if (!sk)
        return 0;
    weir_cookie_head(&r->head, &r->p);
    if (r->p.ip_version == 4)
        refused = bpf_tcp_check_syncookie(sk, r->head.ip, 20, (void *)r->head.tcp, WEIR_COOKIE_TCP);
    else
        refused = bpf_tcp_check_syncookie(sk, r->head.ip, 40, (void *)r->head.tcp, WEIR_COOKIE_TCP);
    bpf_sk_release(sk);
    c->n[refused ? WEIR_COUNTER_COOKIE_BAD : WEIR_COUNTER_COOKIE_GOOD]++;
    r->t.cookie = refused ? WEIR_COOKIE_BAD : WEIR_COOKIE_GOOD;
    if (!refused)
        r->t.moment = WEIR_MOMENT_DONE;
    return 0;
}
