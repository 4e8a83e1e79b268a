/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The fast verdict: is this source banned? One hash look-up when there are bans and no prefixes,
 * none when there is nothing loaded. */

#include "glue.bpf.h"

#include "dataplane/ip.h"

/* What the first look at a frame found out. */
enum weir_early {
    WEIR_EARLY_UNKNOWN, /* not an address at a fixed place: ask again behind the parser */
    WEIR_EARLY_CLEAR,   /* asked: nothing holds against the source */
    WEIR_EARLY_BANNED,
    WEIR_EARLY_DENIED,
};

static __always_inline bool weir_ban_is_over(__u32 hook, __u32 expires_s)
{
    struct weir_run *r = weir_run_of(hook);

    return r && weir_now_coarse(r) >= expires_s * 1000000000ULL;
}

/* Does the entry hold for this packet? Counts it on the entry when it does. */
static __always_inline enum weir_early weir_ban_holds(__u32 hook, struct weir_ban *b, bool is_tcp)
{
    if (b->kind < WEIR_BAN_BAN || (b->scope == WEIR_SCOPE_TCP && !is_tcp))
        return WEIR_EARLY_CLEAR;
    if (b->expires_s && weir_ban_is_over(hook, b->expires_s))
        return WEIR_EARLY_CLEAR;
    b->packets++; /* not atomic: see struct weir_ban */
    return b->kind == WEIR_BAN_DENY ? WEIR_EARLY_DENIED : WEIR_EARLY_BANNED;
}

/* src: as on the wire. An exact ban that has run out does not hide a denied prefix. */
static __always_inline enum weir_early weir_ban_find4(__u32 hook, __u32 src, bool is_tcp)
{
    enum weir_early found = WEIR_EARLY_CLEAR;
    struct weir_ban *b;

    if (*(volatile __u32 *)&control.bans4) {
        b = bpf_map_lookup_elem(&ban4, &src);
        if (b)
            found = weir_ban_holds(hook, b, is_tcp);
    }
    if (found == WEIR_EARLY_CLEAR && *(volatile __u32 *)&control.prefixes4) {
        struct weir_prefix4 key = { .bits = 32 };

        __builtin_memcpy(key.addr, &src, sizeof(key.addr));
        b = bpf_map_lookup_elem(&prefix4, &key);
        if (b)
            found = weir_ban_holds(hook, b, is_tcp);
    }
    return found;
}

static __always_inline enum weir_early weir_ban_find6(__u32 hook, const struct weir_ip6 *src,
                                                      bool is_tcp)
{
    enum weir_early found = WEIR_EARLY_CLEAR;
    struct weir_ban *b;

    if (*(volatile __u32 *)&control.bans6) {
        b = bpf_map_lookup_elem(&ban6, src);
        if (b)
            found = weir_ban_holds(hook, b, is_tcp);
    }
    if (found == WEIR_EARLY_CLEAR && *(volatile __u32 *)&control.prefixes6) {
        struct weir_prefix6 key = { .bits = 128 };

        __builtin_memcpy(key.addr, src, sizeof(key.addr));
        b = bpf_map_lookup_elem(&prefix6, &key);
        if (b)
            found = weir_ban_holds(hook, b, is_tcp);
    }
    return found;
}

#define WEIR_EARLY_IP4 (14 + 20)
#define WEIR_EARLY_IP6 (14 + 40)

/* Before anything is copied: an untagged frame has its source at a fixed place. */
static __always_inline enum weir_early weir_ban_early(__u32 hook, void *data, void *end)
{
    __u8 *b = data;
    __u16 type;

    if (data + WEIR_EARLY_IP4 > end)
        return WEIR_EARLY_UNKNOWN;
    type = *(__u16 *)(b + 12);
    if (type == weir_ntoh16(WEIR_ETH_IP4) && b[14] >> 4 == 4)
        return weir_ban_find4(hook, *(__u32 *)(b + 26), b[23] == WEIR_IP_TCP);
    if (type == weir_ntoh16(WEIR_ETH_IP6) && data + WEIR_EARLY_IP6 <= end && b[14] >> 4 == 6) {
        struct weir_ip6 src;

        __builtin_memcpy(&src, b + 22, sizeof(src));
        if (b[20] == WEIR_IP_TCP)
            return weir_ban_find6(hook, &src, true);
    }
    return WEIR_EARLY_UNKNOWN;
}

/* The same behind the parser: tagged frames, frames without linear data, IPv6 with extension
 * headers. */
static __always_inline enum weir_early weir_ban_late(__u32 hook, const struct weir_pkt *p)
{
    struct weir_ip6 src;
    __u32 tail;

    if (p->ip_version == 4) {
        __builtin_memcpy(&tail, p->src + 12, sizeof(tail));
        return weir_ban_find4(hook, tail, p->proto == WEIR_IP_TCP);
    }
    if (p->ip_version != 6)
        return WEIR_EARLY_CLEAR;
    __builtin_memcpy(&src, p->src, sizeof(src));
    return weir_ban_find6(hook, &src, p->proto == WEIR_IP_TCP);
}

/* Count what was found; true when the packet is to go. In observe mode it stays and is inspected.
 */
static __always_inline bool weir_ban_act(struct weir_counters *c, enum weir_early found)
{
    bool denied = found == WEIR_EARLY_DENIED;

    if (found < WEIR_EARLY_BANNED)
        return false;
    if (!weir_enforcing()) {
        c->n[denied ? WEIR_COUNTER_WOULD_DENY : WEIR_COUNTER_WOULD_BAN]++;
        return false;
    }
    c->n[denied ? WEIR_COUNTER_DROP_DENY : WEIR_COUNTER_DROP_BAN]++;
    return true;
}
