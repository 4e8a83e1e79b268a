/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/inspect.h"

#include <string.h>

const struct weir_rows weir_rows_all = { { ~0ULL, ~0ULL } };

/* Sum of n bytes in native 16-bit words, an odd last byte padded with zero. */
static __u64 native_sum(const __u8 *b, __u32 n)
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

static void judge_sum(struct weir_inspection *r, const __u8 *b, __u32 cap)
{
    struct weir_pkt *p = &r->pkt;

    if (!weir_sum_checkable(p) || p->l4_len > cap || p->l4_off > cap - p->l4_len)
        return;
    weir_sum_judge_tcp(p, native_sum(b + p->l4_off, p->l4_len));
    r->summed = true;
}

static void parse(struct weir_inspection *r, __u16 ethertype)
{
    enum weir_outcome out;

    if (!ethertype) {
        weir_parse(&r->pkt, &r->window);
        return;
    }
    out = weir_parse_ethertype(&r->pkt, &r->window, 0, ethertype);
    r->pkt.outcome = (__u8)(out == WEIR_PARSE_ON ? weir_parse_transport(&r->pkt, &r->window) : out);
}

void weir_inspect_bytes(struct weir_inspection *ret, const __u8 *b, __u32 cap, __u32 wire,
                        const struct weir_arrival *arrival)
{
    struct weir_inspection *r = ret;
    struct weir_window *w = &r->window;

    memset(r, 0, sizeof(*r));
    w->cap = cap < WEIR_WINDOW_BYTES ? cap : WEIR_WINDOW_BYTES;
    w->wire = wire;
    memcpy(w->b, b, w->cap);
    r->pkt.frame_bytes = wire;
    r->pkt.link_flags = arrival->link_flags;
    parse(r, arrival->ethertype);
    if (arrival->own_source)
        r->pkt.traits |= WEIR_TRAIT_SRC_OWN;
    judge_sum(r, b, cap);
    weir_detect_stateless(&r->hits, &r->pkt, weir_rows_all);
}

void weir_inspect(struct weir_inspection *ret, const struct weir_packet *p)
{
    static struct weir_frame frame;

    weir_packet_build(p, &frame);
    weir_inspect_bytes(ret, frame.b, frame.cap, frame.wire, &(struct weir_arrival){ 0 });
}

static void policy_row(struct weir_policy *policy, __u32 row, enum weir_action action)
{
    __u64 bit = 1ULL << (row & 63);
    __u32 word = row >> 6;

    policy->action[row] = action;
    if (action > WEIR_ACTION_OFF)
        policy->judged[word] |= bit;
    if (action >= WEIR_ACTION_ALERT)
        policy->finding[word] |= bit;
    if (action >= WEIR_ACTION_DROP)
        policy->drop[word] |= bit;
}

void weir_policy_default(struct weir_policy *ret_policy, enum weir_mode mode)
{
    *ret_policy = (struct weir_policy){ .mode = mode, .rows = WEIR_ROWS };
#define DETECT(id, NAME, category, name, state, observe, enforce, ...)                             \
    policy_row(ret_policy, WEIR_ROW_##NAME,                                                        \
               mode == WEIR_MODE_ENFORCE ? WEIR_ACTION_##enforce : WEIR_ACTION_##observe);
#include "abi/detections.def"
#undef DETECT
}
