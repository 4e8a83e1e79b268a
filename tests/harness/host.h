/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The smallest host of the core: window, parse, checksum, detections. Header-only, so that fuzz
 * targets have it without the rest of the harness. */

#include <string.h>

#include "dataplane/decide.h"
#include "dataplane/parse.h"
#include "dataplane/report.h"
#include "dataplane/sum.h"
#include "dataplane/tunnel.h"

struct weir_inspection {
    struct weir_window window;
    struct weir_pkt pkt;
    struct weir_hits hits;
    struct weir_rows outside; /* found in the packets around this one */
    bool summed;              /* the TCP checksum was judged */
};

/* How the packet reaches the host. */
struct weir_arrival {
    __u16 ethertype; /* 0: Ethernet frame; else the frame starts at this protocol's header */
    __u8 link_flags;
    bool own_source; /* the source is an address of this machine */
};

/* Sum of n bytes in native 16-bit words, an odd last byte padded with zero. */
static inline __u64 weir_host_sum(const __u8 *b, __u32 n)
{
    __u64 sum = 0;
    __u16 word;

    for (; n > 1; b += 2, n -= 2) {
        memcpy(&word, b, 2);
        sum += word;
    }
    if (n) {
        word = 0;
        memcpy(&word, b, 1);
        sum += word;
    }
    return sum;
}

static inline void weir_host_judge_sum(struct weir_inspection *r, const __u8 *b, __u32 cap)
{
    struct weir_pkt *p = &r->pkt;

    if (!weir_sum_checkable(p) || p->l4_len > cap || p->l4_off > cap - p->l4_len)
        return;
    weir_sum_judge_tcp(p, weir_host_sum(b + p->l4_off, p->l4_len));
    r->summed = true;
}

static inline void weir_host_outermost(struct weir_inspection *r, __u16 ethertype)
{
    enum weir_outcome out;

    if (!ethertype) {
        weir_parse(&r->pkt, &r->window);
        return;
    }
    out = weir_parse_ethertype(&r->pkt, &r->window, 0, ethertype);
    r->pkt.outcome = (__u8)(out == WEIR_PARSE_ON ? weir_parse_transport(&r->pkt, &r->window) : out);
}

/* To the innermost packet; those around it are judged on the way. The window stays as it was. */
static inline void weir_host_parse(struct weir_inspection *r, __u16 ethertype)
{
    const __u32 cap = r->window.cap, wire = r->window.wire;

    weir_host_outermost(r, ethertype);
    while (weir_tunnel_open(&r->pkt, &r->window)) {
        struct weir_hits hits = { 0 };

        weir_detect_stateless(&hits, &r->pkt, (struct weir_rows){ { ~0ULL, ~0ULL } });
        for (int i = 0; i < 2; i++)
            r->outside.w[i] |= hits.found.w[i];
        weir_tunnel_parse(&r->pkt, &r->window);
    }
    r->window.cap = cap;
    r->window.wire = wire;
}

/* cap bytes of a frame that had wire bytes. Detections run whether or not there are traits, so that
 * a test can demand that none hits without. */
static inline void weir_inspect_bytes(struct weir_inspection *ret, const __u8 *b, __u32 cap,
                                      __u32 wire, const struct weir_arrival *arrival)
{
    struct weir_inspection *r = ret;
    struct weir_window *w = &r->window;

    memset(r, 0, sizeof(*r));
    w->cap = cap < WEIR_WINDOW_BYTES ? cap : WEIR_WINDOW_BYTES;
    w->wire = wire;
    memcpy(w->b, b, w->cap);
    r->pkt.frame_bytes = wire;
    r->pkt.link_flags = arrival->link_flags;
    weir_host_parse(r, arrival->ethertype);
    if (arrival->own_source)
        r->pkt.traits |= WEIR_TRAIT_SRC_OWN;
    weir_host_judge_sum(r, b, cap);
    weir_hits_begin(&r->hits);
    weir_detect_stateless(&r->hits, &r->pkt, (struct weir_rows){ { ~0ULL, ~0ULL } });
}

static inline void weir_host_policy_row(struct weir_policy *policy, __u32 row,
                                        enum weir_action action)
{
    bool of_target = weir_row_surge(row) < WEIR_SURGES; /* as src/policy compiles them */
    __u64 bit = 1ULL << (row & 63);
    __u32 word = row >> 6;

    policy->action[row] = action;
    if (action > WEIR_ACTION_OFF)
        policy->judged[word] |= bit;
    if (action >= WEIR_ACTION_ALERT)
        policy->finding[word] |= bit;
    if (action >= WEIR_ACTION_DROP || (of_target && action == WEIR_ACTION_LIMIT))
        policy->drop[word] |= bit;
}

/* Default policy of one mode, as detections.def has it. */
static inline void weir_policy_default(struct weir_policy *ret_policy, enum weir_mode mode)
{
    *ret_policy = (struct weir_policy){ .mode = mode, .rows = WEIR_ROWS };
#define DETECT(id, NAME, category, name, state, observe, enforce, ...)                             \
    weir_host_policy_row(ret_policy, WEIR_ROW_##NAME,                                              \
                         mode == WEIR_MODE_ENFORCE ? WEIR_ACTION_##enforce                         \
                                                   : WEIR_ACTION_##observe);
#include "abi/detections.def"
#undef DETECT
}
