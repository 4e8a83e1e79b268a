/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* What connection tracking says of one packet. Facts are to rows with state FLOW what traits are to
 * the stateless ones: a clean segment of a healthy connection has none and pays for no row. */

#include "abi/flow_state.h"
#include "dataplane/pkt.h"
#include "dataplane/seq.h"

#define WEIR_FACT(n) (1ULL << (n))
/* The four inequalities of nf_conntrack_proto_tcp.c, tcp_in_window(). */
#define WEIR_FACT_SEQ_OVER WEIR_FACT(0)  /* I: beyond the window of the receiver */
#define WEIR_FACT_SEQ_UNDER WEIR_FACT(1) /* II: behind what was sent by more than a window */
#define WEIR_FACT_ACK_OVER WEIR_FACT(2)  /* III: acknowledges what was not sent */
#define WEIR_FACT_ACK_UNDER WEIR_FACT(3) /* IV: acknowledges too far back */
#define WEIR_FACT_OVERRUN WEIR_FACT(4)   /* I alone fails, by no more than a window: tolerated */
#define WEIR_FACT_ACK_GAP WEIR_FACT(5)   /* III fails, but the capture may have missed the data */
#define WEIR_FACT_WINDOW_SHRUNK WEIR_FACT(6)
#define WEIR_FACT_WINDOW_LARGE WEIR_FACT(7)
#define WEIR_FACT_REPLAYED WEIR_FACT(8)      /* old data again, not as a retransmission looks */
#define WEIR_FACT_RETRANSMITTED WEIR_FACT(9) /* for the tenth time */
#define WEIR_FACT_OVERLAPS WEIR_FACT(10)     /* segments that overlap the one before, many */
#define WEIR_FACT_SYN_CHANGED WEIR_FACT(11)
#define WEIR_FACT_SYNACK_CHANGED WEIR_FACT(12)
#define WEIR_FACT_SYNACK_WRONG_ACK WEIR_FACT(13)
#define WEIR_FACT_SYNACK_STRAY WEIR_FACT(14) /* on an open connection, or from the client */
#define WEIR_FACT_SYNACK_AGAIN WEIR_FACT(15) /* the same once more, on an open connection */
#define WEIR_FACT_HANDSHAKE_WRONG_ACK WEIR_FACT(16)
#define WEIR_FACT_EARLY_DATA WEIR_FACT(17)
#define WEIR_FACT_SIMULTANEOUS WEIR_FACT(18)
#define WEIR_FACT_SYN_INSIDE WEIR_FACT(19)
#define WEIR_FACT_FLOW_REPLAY WEIR_FACT(20)
#define WEIR_FACT_TUPLE_REUSE WEIR_FACT(21)
#define WEIR_FACT_RST_INEXACT                                                                      \
    WEIR_FACT(22) /* inside the window, but not the next sequence number */
#define WEIR_FACT_RST_OUTSIDE WEIR_FACT(23)
#define WEIR_FACT_DATA_AFTER_RST WEIR_FACT(24)
#define WEIR_FACT_FIN_INVALID WEIR_FACT(25)
#define WEIR_FACT_ACK_AFTER_FIN WEIR_FACT(26)
#define WEIR_FACT_DATA_AFTER_FIN WEIR_FACT(27)
#define WEIR_FACT_PAWS WEIR_FACT(28)
#define WEIR_FACT_TIMESTAMP_LOST WEIR_FACT(29)
#define WEIR_FACT_ACK_STORM WEIR_FACT(30)
#define WEIR_FACT_MIDSTREAM WEIR_FACT(31)  /* told once, when both sides were seen */
#define WEIR_FACT_ASYMMETRIC WEIR_FACT(32) /* told once, when only one side was seen for long */
#define WEIR_FACT_LINK_CHANGED WEIR_FACT(33)
#define WEIR_FACT_TFO_ANOMALY WEIR_FACT(34)
#define WEIR_FACT_TTL_JUMP WEIR_FACT(35)
#define WEIR_FACT_ICMP_FORGED WEIR_FACT(36)
#define WEIR_FACT_OVERLAP_CONFLICT WEIR_FACT(37)
#define WEIR_FACT_URGENT_ABUSE WEIR_FACT(38)
#define WEIR_FACT_OLD_DATA WEIR_FACT(46) /* all of it was acknowledged before */
/* Of the payload; the host's, behind tracking: see payload.h. */
#define WEIR_FACT_NOT_TLS WEIR_FACT(39) /* a direction begins otherwise than its port promises */
#define WEIR_FACT_NOT_HTTP WEIR_FACT(40)
#define WEIR_FACT_NOT_SSH WEIR_FACT(41)
#define WEIR_FACT_NOT_REPLY WEIR_FACT(42)      /* ... SMTP, FTP */
#define WEIR_FACT_OTHER_PROTOCOL WEIR_FACT(43) /* and it is another protocol */
#define WEIR_FACT_NOT_TEXT WEIR_FACT(44)
#define WEIR_FACT_TINY WEIR_FACT(45)
#define WEIR_FACT_FRAGMENT_OVERLAP WEIR_FACT(50) /* the host's: see fragments.h */
#define WEIR_FACT_SIGNATURE_COUNT WEIR_FACT(51)  /* by rising strength of the pattern's action */
#define WEIR_FACT_SIGNATURE_ALERT WEIR_FACT(52)
#define WEIR_FACT_SIGNATURE_DROP WEIR_FACT(53)
#define WEIR_FACTS_SIGNATURE                                                                       \
    (WEIR_FACT_SIGNATURE_COUNT | WEIR_FACT_SIGNATURE_ALERT | WEIR_FACT_SIGNATURE_DROP)
#define WEIR_FACT_SCAN WEIR_FACT(60) /* struct weir_scanning says more */

/* Such a packet changes no state: it is what its receiver drops, or should. */
#define WEIR_FACTS_REFUSED                                                                         \
    (WEIR_FACT_SEQ_OVER | WEIR_FACT_ACK_OVER | WEIR_FACT_SEQ_UNDER | WEIR_FACT_ACK_UNDER |         \
     WEIR_FACT_REPLAYED | WEIR_FACT_SYNACK_CHANGED | WEIR_FACT_SYNACK_WRONG_ACK |                  \
     WEIR_FACT_SYNACK_STRAY | WEIR_FACT_HANDSHAKE_WRONG_ACK | WEIR_FACT_EARLY_DATA |               \
     WEIR_FACT_SYN_INSIDE | WEIR_FACT_FLOW_REPLAY | WEIR_FACT_RST_INEXACT |                        \
     WEIR_FACT_RST_OUTSIDE | WEIR_FACT_FIN_INVALID | WEIR_FACT_DATA_AFTER_FIN | WEIR_FACT_PAWS |   \
     WEIR_FACT_DATA_AFTER_RST)

/* Where a packet stands in the life of its connection: what floods and scans are told by. NONE is
 * the common case, a segment of an open connection. */
enum weir_moment {
    WEIR_MOMENT_NONE,
    WEIR_MOMENT_SYN,       /* the first of an attempt */
    WEIR_MOMENT_SYN_AGAIN, /* the same once more */
    WEIR_MOMENT_SYNACK,
    WEIR_MOMENT_SYNACK_AGAIN,
    WEIR_MOMENT_DONE,         /* the acknowledgement that completes the handshake */
    WEIR_MOMENT_REFUSED,      /* an RST answers the SYN */
    WEIR_MOMENT_HALF_RESET,   /* the client answers the SYN-ACK by RST */
    WEIR_MOMENT_RESET,        /* an open connection ends by a valid RST */
    WEIR_MOMENT_CLOSED,       /* both FINs are acknowledged */
    WEIR_MOMENT_STRAY_SYNACK, /* no connection known */
    WEIR_MOMENT_STRAY_RST,
    WEIR_MOMENT_STRAY_FIN,
    WEIR_MOMENT_STRAY_ACK,
    WEIR_MOMENT_STRAY_DATA,
    WEIR_MOMENT_UNANSWERED,    /* more of one that only this side was seen of, or that was reset */
    WEIR_MOMENT_ADOPTED,       /* the other side of one that was taken up mid-stream */
    WEIR_MOMENT_GOES_ON,       /* the client goes on, the other direction is not seen */
    WEIR_MOMENT_STRAY_REFUSED, /* an RST answers a segment of no connection */
    WEIR_MOMENT_ILLEGAL,       /* flags that belong to no connection; set by the host */
    WEIR_MOMENT_MAX,
};

/* What the exact clock is wanted for, which the host reads only then. */
enum weir_clock_use {
    WEIR_CLOCK_START = 1 << 0,  /* a record was made */
    WEIR_CLOCK_SYN = 1 << 1,    /* mark the time of the side's SYN or SYN-ACK */
    WEIR_CLOCK_SYNACK = 1 << 2, /* a SYN-ACK answers a SYN */
    WEIR_CLOCK_DONE = 1 << 3,   /* an acknowledgement answers the SYN-ACK */
    WEIR_CLOCK_MARK = 1 << 4,   /* the side starts a measurement */
    WEIR_CLOCK_SAMPLE = 1 << 5, /* the side ends one of the other */
};

/* What a host may do once or twice without malice is a finding from so many on. */
#define WEIR_STRIKES_MANY 3
#define WEIR_URGENT_MANY 3 /* segments with urgent data among the first bytes of a direction */
#define WEIR_STRIKE_WINDOW WEIR_TICKS(60) /* most of them are counted over */

/* One segment, its numbers as the inequalities want them. */
struct weir_segment {
    __u32 end;  /* sequence number behind it, SYN and FIN counted */
    __u32 ack;  /* as sent, or what stands for none */
    __u32 sack; /* right edge of the rightmost SACK block, else ack */
    __u32 win;  /* scaled */
};

/* Rows that the record of a source holds for, on one packet of it. */
enum weir_scan_row {
    WEIR_SCAN_VERTICAL = 1 << 0,
    WEIR_SCAN_HORIZONTAL = 1 << 1,
    WEIR_SCAN_SEQUENTIAL = 1 << 2,
    WEIR_SCAN_SLOW = 1 << 3,
    WEIR_SCAN_HALF_OPEN = 1 << 4,
    WEIR_SCAN_CONNECT = 1 << 5,
    WEIR_SCAN_ACK = 1 << 6,
    WEIR_SCAN_MAIMON = 1 << 7,
    WEIR_SCAN_OUTBOUND = 1 << 8,
    WEIR_SCAN_OPEN_PORT = 1 << 9,
    WEIR_SCAN_RST_BURST = 1 << 10,
    WEIR_SCAN_CONSTANT_ISN = 1 << 11,
    WEIR_SCAN_DISTRIBUTED = 1 << 12,
    WEIR_SCAN_DECOY = 1 << 13,
    WEIR_SCAN_IDLE_ZOMBIE = 1 << 14,
};
#define WEIR_SCANS_INBOUND                                                                         \
    (WEIR_SCAN_VERTICAL | WEIR_SCAN_HORIZONTAL | WEIR_SCAN_SEQUENTIAL | WEIR_SCAN_SLOW |           \
     WEIR_SCAN_HALF_OPEN | WEIR_SCAN_CONNECT | WEIR_SCAN_ACK | WEIR_SCAN_MAIMON |                  \
     WEIR_SCAN_IDLE_ZOMBIE)

/* ... and its numbers, by which the rows are told. */
struct weir_scanning {
    __u32 rows;
    __u32 ports; /* bits of abi/source.h, as all counts of what is different */
    __u32 hosts;
    __u32 strays;
    __u32 failed;
    __u32 opened;
    __u32 half_reset;
    __u32 bare;
    __u32 refused;
    __u32 score;   /* signed */
    __u32 sources; /* of the target, as the next two */
    __u32 target_ports;
    __u32 target_failed;
};

/* What the listener says of an acknowledgement that may carry a SYN cookie. */
enum weir_cookie {
    WEIR_COOKIE_NOT_ASKED,
    WEIR_COOKIE_GOOD,
    WEIR_COOKIE_BAD,
};

/* Set by the host before, and by tracking. */
struct weir_track {
    __u64 facts;
    __u32 tag;         /* host: weir_set_tag() of the connection's hash */
    __u32 tick;        /* host: clock */
    __u32 fine;        /* host: the same clock; coarse, unless it costs nothing to read */
    __u32 ifindex;     /* host: for a new record */
    __u32 window_max;  /* host: policy's limit of a scaled window, 0 for none */
    __u8 gaps;         /* host: packets may be missing (a capture), so absence proves nothing */
    __u8 egress;       /* host: packet leaves */
    __u8 side;         /* enum weir_side of the sender */
    __u8 moment;       /* enum weir_moment */
    __u8 clock;        /* enum weir_clock_use */
    __u8 known;        /* the connection had a record */
    __u8 was_proven;   /* ... in the flow table */
    __u8 full;         /* there was no room for a record */
    __u8 half_evicted; /* a half-open record had to go */
    __u8 ended;        /* enum weir_flow_end: a record was given up, the host has its copy */
    __u8 strikes[WEIR_STRIKES]; /* of this packet's side, where this packet added one */
    __u32 bound;                /* evidence: the edge that was crossed */
    __u32 value;                /* what crossed it */
    __u32 retransmitted;        /* segments of this side so far, when this is one */
    __u32 conflict_at;    /* offset in the stream of bytes that changed, or shortly before it */
    __u32 conflict_bytes; /* how many may have */
    __u32 payload[2];     /* evidence of the facts about payload */
    __u32 signature[2];   /* pattern, and bytes of the direction up to its end */
    __u8 bare;            /* a connection that ends now carried no byte */
    __u8 hasty;           /* WEIR_MOMENT_SYN_AGAIN: sooner than any TCP sends it again */
    __u8 opened;          /* the connection is established by this packet */
    __u8 cookie;          /* host, behind tracking: enum weir_cookie */
    struct weir_segment s;
    struct weir_scanning scan; /* void without WEIR_FACT_SCAN; so hosts need not clear it */
};

WEIR_FN void weir_fact(struct weir_track *t, __u64 fact, __u32 bound, __u32 value)
{
    if (!t->facts) {
        t->bound = bound;
        t->value = value;
    }
    t->facts |= fact;
}

/* One more of kind; forgets those that began more than `ticks` ago. Returns how many. */
WEIR_FN __u32 weir_strike(struct weir_track *t, struct weir_flow_perf *perf, __u32 kind,
                          __u32 ticks)
{
    struct weir_strikes *s = &perf->strikes[kind];
    __u16 now = (__u16)(t->tick >> 8);

    if (!s->n || (__u16)(now - s->since) > ticks >> 8) {
        s->since = now;
        s->n = 0;
    }
    if (s->n < 255)
        s->n++;
    if (s->total < 255)
        s->total++;
    t->strikes[kind] = s->n;
    return s->n;
}

/* How many of kind there were within the last `ticks`. */
WEIR_FN __u32 weir_strikes_lately(const struct weir_track *t, const struct weir_flow_perf *perf,
                                  __u32 kind, __u32 ticks)
{
    const struct weir_strikes *s = &perf->strikes[kind];

    return (__u16)((__u16)(t->tick >> 8) - s->since) > ticks >> 8 ? 0 : s->n;
}

/* By windows, acknowledgements, timestamps and FIN: not in a liberal zone (as
 * nf_conntrack_tcp_be_liberal), nor when its history is unknown. */
WEIR_FN bool weir_flow_is_judged(const struct weir_flow *f)
{
    return !weir_flow_is_loose(f) && !(f->marks & WEIR_FLOW_LIBERAL);
}

/* What a connection nobody knew shows by its first packet. */
WEIR_FN enum weir_moment weir_stray_moment(const struct weir_pkt *p)
{
    if (p->tcp_flags & WEIR_RST)
        return WEIR_MOMENT_STRAY_RST;
    if (p->tcp_flags & WEIR_SYN)
        return p->tcp_flags & WEIR_ACK ? WEIR_MOMENT_STRAY_SYNACK : WEIR_MOMENT_SYN;
    if (p->tcp_flags & WEIR_FIN)
        return WEIR_MOMENT_STRAY_FIN;
    return p->payload_bytes ? WEIR_MOMENT_STRAY_DATA : WEIR_MOMENT_STRAY_ACK;
}
