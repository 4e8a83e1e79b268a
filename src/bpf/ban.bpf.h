/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* One entry of the bans and prefixes: does it hold? */

#include "glue.bpf.h"

/* What the first look at a frame found out. */
enum weir_early {
    WEIR_EARLY_UNKNOWN, /* nothing yet; of the whole look: ask again behind the parser */
    WEIR_EARLY_LATER,   /* of one entry: it depends on what only the parser knows */
    WEIR_EARLY_CLEAR,   /* asked: nothing holds against the source */
    WEIR_EARLY_BANNED,
    WEIR_EARLY_DENIED,
};

/* What an entry is asked about. */
enum weir_ban_about {
    WEIR_ABOUT_OTHER, /* no TCP */
    WEIR_ABOUT_TCP,   /* its flags were not looked at */
    WEIR_ABOUT_OPEN,  /* TCP, and no SYN of a client */
    WEIR_ABOUT_NEW,
};

static __always_inline enum weir_ban_about weir_ban_about(const struct weir_pkt *p)
{
    if (p->proto != WEIR_IP_TCP)
        return WEIR_ABOUT_OTHER;
    return (p->tcp_flags & (WEIR_SYN | WEIR_ACK)) == WEIR_SYN ? WEIR_ABOUT_NEW : WEIR_ABOUT_OPEN;
}

static __always_inline bool weir_ban_is_over(__u32 hook, __u32 expires_s)
{
    struct weir_run *r = weir_run_of(hook);

    return r && weir_now_coarse(r) >= expires_s * 1000000000ULL;
}

/* Does the entry hold for this packet? Counts it on the entry when it does. WEIR_EARLY_UNKNOWN: it
 * says nothing about it, another one may; WEIR_EARLY_CLEAR: a hole, the last word. */
static __always_inline enum weir_early weir_ban_holds(__u32 hook, struct weir_ban *b, __u32 about)
{
    if (b->kind == WEIR_BAN_ALLOW)
        return WEIR_EARLY_CLEAR;
    if (b->kind == WEIR_BAN_NONE || (b->scope && about == WEIR_ABOUT_OTHER))
        return WEIR_EARLY_UNKNOWN;
    if (b->scope == WEIR_SCOPE_NEW && about != WEIR_ABOUT_NEW)
        return about == WEIR_ABOUT_TCP ? WEIR_EARLY_LATER : WEIR_EARLY_UNKNOWN;
    if (b->expires_s && weir_ban_is_over(hook, b->expires_s))
        return WEIR_EARLY_UNKNOWN;
    b->packets++; /* not atomic: see struct weir_ban */
    return b->kind == WEIR_BAN_DENY ? WEIR_EARLY_DENIED : WEIR_EARLY_BANNED;
}
