/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The fast verdict: is this source banned? One hash look-up when there are bans, one or two loads
 * when there are prefixes that do not name it, none when there is nothing loaded. */

#include "prefix.bpf.h"

#include "dataplane/ip.h"

/* src: as on the wire. An entry that does not hold for this packet hides none that does. */
static __always_inline enum weir_early weir_ban_find4(__u32 hook, __u32 src, __u32 about)
{
    if (*(volatile __u32 *)&control.bans4) {
        struct weir_ban *b = bpf_map_lookup_elem(&ban4, &src);
        enum weir_early found = b ? weir_ban_holds(hook, b, about) : WEIR_EARLY_UNKNOWN;

        if (found != WEIR_EARLY_UNKNOWN)
            return found;
    }
    if (*(volatile __u32 *)&control.prefixes4)
        return weir_stage_prefix4(src, hook, about);
    return WEIR_EARLY_CLEAR;
}

static __always_inline enum weir_early weir_ban_find6(__u32 hook, const struct weir_ip6 *src,
                                                      __u32 about)
{
    if (*(volatile __u32 *)&control.bans6) {
        struct weir_ban *b = bpf_map_lookup_elem(&ban6, src);
        enum weir_early found = b ? weir_ban_holds(hook, b, about) : WEIR_EARLY_UNKNOWN;

        if (found != WEIR_EARLY_UNKNOWN)
            return found;
    }
    if (*(volatile __u32 *)&control.prefixes6)
        return weir_stage_prefix6(src, hook, about);
    return WEIR_EARLY_CLEAR;
}

#define WEIR_EARLY_IP4 (14 + 20)
#define WEIR_EARLY_IP6 (14 + 40)

/* Before anything is copied: an untagged frame has its source at a fixed place. */
static __always_inline enum weir_early weir_ban_first(__u32 hook, void *data, void *end)
{
    __u8 *b = data;
    __u16 type;

    if (data + WEIR_EARLY_IP4 > end)
        return WEIR_EARLY_UNKNOWN;
    type = *(__u16 *)(b + 12);
    if (type == weir_ntoh16(WEIR_ETH_IP4) && b[14] >> 4 == 4)
        return weir_ban_find4(hook, *(__u32 *)(b + 26),
                              b[23] == WEIR_IP_TCP ? WEIR_ABOUT_TCP : WEIR_ABOUT_OTHER);
    if (type == weir_ntoh16(WEIR_ETH_IP6) && data + WEIR_EARLY_IP6 <= end && b[14] >> 4 == 6) {
        struct weir_ip6 src;

        __builtin_memcpy(&src, b + 22, sizeof(src));
        if (b[20] == WEIR_IP_TCP)
            return weir_ban_find6(hook, &src, WEIR_ABOUT_TCP);
    }
    return WEIR_EARLY_UNKNOWN;
}

static __always_inline enum weir_early weir_ban_early(__u32 hook, void *data, void *end)
{
    enum weir_early found = weir_ban_first(hook, data, end);

    return found == WEIR_EARLY_LATER ? WEIR_EARLY_UNKNOWN : found;
}

/* The same behind the parser: tagged frames, frames without linear data, IPv6 with extension
 * headers. */
static __always_inline enum weir_early weir_ban_late(__u32 hook, const struct weir_pkt *p)
{
    struct weir_ip6 src;
    __u32 tail;

    if (p->ip_version == 4) {
        __builtin_memcpy(&tail, p->src + 12, sizeof(tail));
        return weir_ban_find4(hook, tail, weir_ban_about(p));
    }
    if (p->ip_version != 6)
        return WEIR_EARLY_CLEAR;
    __builtin_memcpy(&src, p->src, sizeof(src));
    return weir_ban_find6(hook, &src, weir_ban_about(p));
}

/* Count what was found, which is a ban; true when the packet is to go. In observe mode it stays and
 * is inspected. */
static __always_inline bool weir_ban_act(struct weir_counters *c, enum weir_early found,
                                         const struct weir_policy *p)
{
    bool denied = found == WEIR_EARLY_DENIED;

    if (p->mode != WEIR_MODE_ENFORCE) {
        c->n[denied ? WEIR_COUNTER_WOULD_DENY : WEIR_COUNTER_WOULD_BAN]++;
        return false;
    }
    c->n[denied ? WEIR_COUNTER_DROP_DENY : WEIR_COUNTER_DROP_BAN]++;
    return true;
}
