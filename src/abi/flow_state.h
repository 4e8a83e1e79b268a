/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* How a connection stands, told from its record alone: the packet path asks it, and user space that
 * sweeps the tables. */

#include "abi/flow.h"

#define WEIR_ABI_FN static inline __attribute__((always_inline, unused))

/* Both SYNs were seen and each was acknowledged, or the flow was taken up without them. */
WEIR_ABI_FN __u32 weir_flow_is_open(const struct weir_flow *f)
{
    __u32 c = f->side[WEIR_SIDE_CLIENT].flags, s = f->side[WEIR_SIDE_SERVER].flags;

    if ((c | s) & WEIR_SIDE_LOOSE)
        return c & WEIR_SIDE_SEEN && s & WEIR_SIDE_SEEN;
    return c & WEIR_SIDE_ACKED && s & WEIR_SIDE_SYN;
}

WEIR_ABI_FN __u32 weir_side_fin_acked(const struct weir_flow_side *of,
                                      const struct weir_flow_side *by)
{
    return of->flags & WEIR_SIDE_FIN && by->flags & WEIR_SIDE_ACKED &&
           (__s32)(by->ack - of->close) >= 0;
}

WEIR_ABI_FN __u32 weir_flow_is_reset(const struct weir_flow *f)
{
    return (f->side[0].flags | f->side[1].flags) & WEIR_SIDE_RST;
}

/* Both FINs acknowledged, or reset. */
WEIR_ABI_FN __u32 weir_flow_is_over(const struct weir_flow *f)
{
    return weir_flow_is_reset(f) || (weir_side_fin_acked(&f->side[0], &f->side[1]) &&
                                     weir_side_fin_acked(&f->side[1], &f->side[0]));
}

WEIR_ABI_FN __u32 weir_flow_is_closing(const struct weir_flow *f)
{
    return (f->side[0].flags | f->side[1].flags) & (WEIR_SIDE_FIN | WEIR_SIDE_RST);
}

WEIR_ABI_FN __u32 weir_flow_is_loose(const struct weir_flow *f)
{
    return (f->side[0].flags | f->side[1].flags) & WEIR_SIDE_LOOSE;
}

/* The states of nf_conntrack_proto_tcp.c, and one for what it has no name for. */
enum weir_flow_state {
    WEIR_STATE_STRAY, /* one side alone, and not from its SYN on */
    WEIR_STATE_SYN_SENT,
    WEIR_STATE_SYN_RECV,
    WEIR_STATE_ESTABLISHED,
    WEIR_STATE_FIN_WAIT,   /* a FIN, not acknowledged */
    WEIR_STATE_CLOSE_WAIT, /* ... acknowledged */
    WEIR_STATE_LAST_ACK,   /* both FINs, not both acknowledged */
    WEIR_STATE_TIME_WAIT,
    WEIR_STATE_CLOSE, /* reset */
    WEIR_STATE_MAX,
};

WEIR_ABI_FN enum weir_flow_state weir_flow_state(const struct weir_flow *f)
{
    __u32 c = f->side[WEIR_SIDE_CLIENT].flags, s = f->side[WEIR_SIDE_SERVER].flags;

    if (weir_flow_is_reset(f))
        return WEIR_STATE_CLOSE;
    if (!weir_flow_is_open(f)) {
        if (!(c & WEIR_SIDE_SYN))
            return WEIR_STATE_STRAY;
        return s & WEIR_SIDE_SEEN ? WEIR_STATE_SYN_RECV : WEIR_STATE_SYN_SENT;
    }
    if (weir_flow_is_over(f))
        return WEIR_STATE_TIME_WAIT;
    if (c & s & WEIR_SIDE_FIN)
        return WEIR_STATE_LAST_ACK;
    if (!((c | s) & WEIR_SIDE_FIN))
        return WEIR_STATE_ESTABLISHED;
    return weir_side_fin_acked(&f->side[0], &f->side[1]) ||
                   weir_side_fin_acked(&f->side[1], &f->side[0])
               ? WEIR_STATE_CLOSE_WAIT
               : WEIR_STATE_FIN_WAIT;
}

/* Was it ever established? A segment out of nowhere and the RST that answers it are no connection.
 */
WEIR_ABI_FN __u32 weir_flow_was_open(const struct weir_flow *f)
{
    for (__u32 i = 0; i < WEIR_SIDES; i++)
        if (f->side[i].flags & WEIR_SIDE_RST && f->side[i].packets == 1)
            return 0;
    return weir_flow_is_open(f);
}

/* Tick of its newest packet. */
WEIR_ABI_FN __u32 weir_flow_newest(const struct weir_flow *f)
{
    __u32 c = f->side[WEIR_SIDE_CLIENT].last_tick, s = f->side[WEIR_SIDE_SERVER].last_tick;

    if (!(f->side[WEIR_SIDE_SERVER].flags & WEIR_SIDE_SEEN))
        return c;
    if (!(f->side[WEIR_SIDE_CLIENT].flags & WEIR_SIDE_SEEN))
        return s;
    return (__s32)(c - s) > 0 ? c : s;
}

/* Ticks since then; 0 when it is ahead of the clock. */
WEIR_ABI_FN __u32 weir_flow_quiet(const struct weir_flow *f, __u32 tick)
{
    __s32 quiet = (__s32)(tick - weir_flow_newest(f));

    return quiet > 0 ? (__u32)quiet : 0;
}

/* Ticks for which the side's window was closed, up to the newest packet. */
WEIR_ABI_FN __u32 weir_flow_zero_ticks(const struct weir_flow *f, enum weir_side side)
{
    __s32 since = (__s32)(weir_flow_newest(f) - f->perf[side].zero_since);
    __u32 open = !(f->side[side].flags & WEIR_SIDE_ZERO_WINDOW) || since < 0;

    return f->perf[side].zero_ticks + (open ? 0 : (__u32)since);
}

/* Marks are set by user space while packets write the same record. Whoever sets REPORTED first
 * reports. Returns the marks before. */
WEIR_ABI_FN __u32 weir_flow_mark(struct weir_flow *f, __u32 marks)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    const __u32 shift = 8;
#else
    const __u32 shift = 16;
#endif
    /* origin, marks, zone, again: BPF has no narrower atomic operation. */
    __u32 __attribute__((may_alias)) *word = (void *)&f->origin;

    return __sync_fetch_and_or(word, marks << shift) >> shift & 0xff;
}
_Static_assert(__builtin_offsetof(struct weir_flow, origin) % 4 == 0 &&
                   __builtin_offsetof(struct weir_flow, marks) ==
                       __builtin_offsetof(struct weir_flow, origin) + 1,
               "ABI: marks of a flow");

/* The same the other way round. */
WEIR_ABI_FN __u32 weir_flow_unmark(struct weir_flow *f, __u32 marks)
{
    return __sync_fetch_and_and(&f->marks, (__u8)~marks);
}

/* Take perf into use: with the second packet of a record, or when a copy of it is read. */
WEIR_ABI_FN void weir_flow_perf(struct weir_flow *f)
{
    if (__builtin_expect(!!(f->marks & WEIR_FLOW_PERF), 1))
        return;
    (void)weir_flow_mark(f, WEIR_FLOW_PERF);
    __builtin_memset(f->perf, 0, sizeof(f->perf));
    for (int i = 0; i < WEIR_SIDES; i++) {
        if (!(f->side[i].flags & WEIR_SIDE_SEEN))
            continue;
        f->perf[i].mss = (__u16)f->side[i].bonus;
        f->perf[0].vlan |= (__u16)(f->side[i].bonus >> 16);
        f->side[i].bonus = 0;
    }
}

/* How much a record is worth keeping; the low ones go first, the oldest of a class before the
 * others. */
enum weir_class {
    WEIR_CLASS_DONE,     /* connection is over; kept as long as nobody needs the room */
    WEIR_CLASS_STRAY,    /* out of nowhere, nobody answered */
    WEIR_CLASS_ASKED,    /* a SYN */
    WEIR_CLASS_ANSWERED, /* a SYN-ACK answered it */
    WEIR_CLASS_CLOSING,  /* proven, one FIN seen */
    WEIR_CLASS_PROVEN,   /* both ends agree */
    WEIR_CLASS_MAX,
};

#define WEIR_STAMP_BITS 29
#define WEIR_STAMP_MASK ((1U << WEIR_STAMP_BITS) - 1)
#define WEIR_STAMP_TICKS 16

/* Ticks in units of 16 (16.8 ms), 29 bits: an age of up to 104 days is told right. */
WEIR_ABI_FN __u32 weir_set_stamp(enum weir_class c, __u32 tick)
{
    return (__u32)c << WEIR_STAMP_BITS | (tick / WEIR_STAMP_TICKS & WEIR_STAMP_MASK);
}

WEIR_ABI_FN __u32 weir_stamp_class(__u32 stamp)
{
    return stamp >> WEIR_STAMP_BITS;
}

/* In units of 16 ticks; a stamp a little ahead of the clock (another CPU's) is of age 0. */
WEIR_ABI_FN __u32 weir_stamp_age(__u32 stamp, __u32 tick)
{
    __u32 age = (tick / WEIR_STAMP_TICKS - stamp) & WEIR_STAMP_MASK;

    return age > WEIR_STAMP_MASK / 2 ? 0 : age;
}
