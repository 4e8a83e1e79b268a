/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The record of one TCP connection, in the flow table (proven: both ends were seen to agree) and in
 * the half-open table (all else). User space reads both tables through a shared mapping.
 *
 * Times: a tick is 2^20 ns (1.05 ms), a moment in a "fine" field 2^10 ns (1.02 us), both cut to 32
 * bits: differences are good for 52 days and 73 minutes. Shifts, because a division costs a packet
 * more than a table look-up. */

#include <linux/types.h>

#define WEIR_TICK_SHIFT 20
#define WEIR_FINE_SHIFT 10
#define WEIR_TICKS(seconds) ((__u32)((seconds)*1000000000ULL >> WEIR_TICK_SHIFT))

/* Which side of a record: 0 sent the SYN, or is taken for the client. */
enum weir_side {
    WEIR_SIDE_CLIENT,
    WEIR_SIDE_SERVER,
    WEIR_SIDES,
};

enum weir_side_flag {
    WEIR_SIDE_SEEN = 1 << 0, /* a packet of it was accepted; without it all other fields are void */
    WEIR_SIDE_SYN = 1 << 1,  /* its SYN or SYN-ACK was seen: isn is known */
    WEIR_SIDE_SACK = 1 << 2, /* its SYN said SACK permitted */
    WEIR_SIDE_WSCALE = 1 << 3,
    WEIR_SIDE_TIMESTAMPS = 1 << 4,
    WEIR_SIDE_FASTOPEN = 1 << 5,     /* its SYN asked for or used Fast Open */
    WEIR_SIDE_ACKED = 1 << 6,        /* it acknowledged something: ack and edge hold */
    WEIR_SIDE_DATA = 1 << 7,         /* sent payload behind the handshake */
    WEIR_SIDE_FIN = 1 << 8,          /* closing: its FIN */
    WEIR_SIDE_RST = 1 << 9,          /* closing: its RST, taken as valid */
    WEIR_SIDE_ZERO_WINDOW = 1 << 10, /* its newest window is 0 */
    WEIR_SIDE_KEYED = 1 << 11,       /* its SYN carried TCP-MD5 or TCP-AO */
    WEIR_SIDE_MARK = 1 << 12,        /* mark is to be acknowledged, for the round trip */
    WEIR_SIDE_LOOSE = 1 << 13,       /* picked up mid-stream: its scale and history are unknown */
    WEIR_SIDE_ACK_RUN = 1 << 14,     /* perf.ack_run is not 0 */
    WEIR_SIDE_READ = 1 << 15,        /* its payload was read as deep as policy wants */
};

/* Flags that some packet of the side carried, in the high bits of wscale. */
enum weir_side_sent {
    WEIR_SENT_PSH = 1 << 4,
    WEIR_SENT_URG = 1 << 5,
    WEIR_SENT_ECE = 1 << 6,
    WEIR_SENT_CWR = 1 << 7,
};
#define WEIR_WSCALE_MASK 15

/* What one direction's own packets say; nobody else writes it, so that two CPUs, one for each
 * direction, need no lock (DETECTIONS: single-writer form of nf_conntrack_proto_tcp.c). One cache
 * line. */
struct weir_flow_side {
    __u32 end;    /* highest sequence number sent, plus 1: SND.NXT as seen from here */
    __u32 edge;   /* highest right edge advertised to the other: max(sack + max(window, 1)) */
    __u32 ack;    /* highest acknowledgement sent */
    __u32 maxwin; /* largest window advertised, scaled, with what lies between ack and sack */
    __u32 bonus;  /* bytes sent beyond the other's edge and tolerated */
    __u32 isn;    /* of its SYN */
    __u32 close;  /* sequence number behind its FIN, or of its RST */
    __u32 tsval;  /* TS.Recent of whoever receives from it (RFC 7323 4.3) */
    __u32 mark;   /* sequence number whose acknowledgement ends the measurement of a round trip; or,
                     with mark_fine 0, that of a SYN or SYN-ACK inside the open connection */
    __u32 mark_fine; /* when it was sent; also the name of the measurement */
    __u32 done_fine; /* mark_fine of the other side's newest measurement that this side ended */
    __u32 last_tick; /* its newest packet */
    __u32 packets;
    __u16 flags; /* enum weir_side_flag */
    __u8 wscale; /* shift of its SYN; high 4 bits: enum weir_side_sent */
    __u8 ttl;    /* of its first packet */
    __u64 bytes; /* of payload, retransmissions counted again */
};
_Static_assert(sizeof(struct weir_flow_side) == 64, "ABI: flow side");

/* A few of something within a time. */
struct weir_strikes {
    __u16 since; /* tick >> 8: 268 ms */
    __u8 n;
    __u8 total; /* in the whole connection, 255 is 255 or more */
};
_Static_assert(sizeof(struct weir_strikes) == 4, "ABI: strikes");

/* Sets of strikes of a side; what each row counts. */
enum weir_strike {
    WEIR_STRIKE_REPLAYED,
    WEIR_STRIKE_SYN,
    WEIR_STRIKE_PAWS,
    WEIR_STRIKE_RST,
    WEIR_STRIKE_OVERLAP,
    WEIR_STRIKES,
};

/* How well the direction does, and how often it misbehaved: touched only when something happens
 * that is not plain progress. Written by that direction's packets alone. */
struct weir_flow_perf {
    __u32 srtt;    /* fine: from here to this side and back, smoothed by 1/8 (RFC 6298) */
    __u32 rtt_min; /* fine */
    __u32 rtt_samples;
    __u32 retransmitted; /* segments */
    __u32 reordered;     /* segments behind a later one that are no retransmission */
    __u32 duplicate_acks;
    __u16 zero_windows; /* how often its window closed */
    __u16 ack_run;      /* acknowledgements in a row without any progress */
    __u32 zero_ticks;   /* how long it was closed in all */
    __u32 zero_since;   /* tick */
    __u16 mss;          /* of its SYN; 0: none */
    __u16 vlan;         /* id of its first packet's outer tag; 0: none */
    struct weir_strikes strikes[WEIR_STRIKES];
    __u32 content; /* of side 0, for both: slot of struct weir_content plus 1; 0: none yet */
};
_Static_assert(sizeof(struct weir_flow_perf) == 64, "ABI: flow perf");

enum weir_flow_origin {
    WEIR_ORIGIN_SYN,
    WEIR_ORIGIN_SYNACK,    /* the SYN was not seen */
    WEIR_ORIGIN_MIDSTREAM, /* no handshake was seen: sides are a guess by port */
    WEIR_ORIGIN_MAX,
};

enum weir_flow_mark {
    WEIR_FLOW_LIBERAL = 1 << 0,      /* its zone judges no windows */
    WEIR_FLOW_REPORTED = 1 << 1,     /* user space wrote the record of its end */
    WEIR_FLOW_LOCAL_SERVER = 1 << 2, /* the client's first packet came in, not out */
    WEIR_FLOW_ALERTED = 1 << 3,      /* a finding named it */
    WEIR_FLOW_CONTENT = 1 << 4,      /* its slot of struct weir_content was made its own */
    WEIR_FLOW_PERF = 1 << 5,    /* perf is in use: a flood of SYNs is spared its two cache lines */
    WEIR_FLOW_TOLD = 1 << 6,    /* user space told how its attempt to connect failed */
    WEIR_FLOW_SUBFLOW = 1 << 7, /* of MPTCP, as its server says: carries part of another's bytes */
};

/* Key first, both on the first line with what the handshake tells. */
struct weir_flow {
    __u8 src[16]; /* of side 0 */
    __u8 dst[16];
    __u16 sport;
    __u16 dport;
    __u32 ifindex;     /* where its first packet was seen; replay: index of the file */
    __u64 start_ns;    /* clock of the host */
    __u32 synack_fine; /* from the first SYN to its SYN-ACK; 0: not measured */
    __u32 ack_fine;    /* from SYN-ACK to the acknowledgement that completed the handshake */
    __u8 origin;       /* enum weir_flow_origin */
    __u8 marks;        /* enum weir_flow_mark */
    __u8 zone;
    __u8 again; /* SYNs beyond the first, low 4 bits; SYN-ACKs beyond the first, high 4; saturating
                 */
    __u16 link[WEIR_SIDES]; /* hash of the MAC addresses of each side's first frame; 0: none */
    struct weir_flow_side side[WEIR_SIDES];
    struct weir_flow_perf perf[WEIR_SIDES];
};
_Static_assert(sizeof(struct weir_flow) == 320, "ABI: flow");
_Static_assert(__builtin_offsetof(struct weir_flow, side) == 64, "ABI: flow sides");

/* Why a record is no more. */
enum weir_flow_end {
    WEIR_END_NONE,
    WEIR_END_EVICTED, /* its room was needed */
    WEIR_END_REUSED,  /* the same ends opened their next connection */
    WEIR_END_CLOSED,  /* by FINs or RST, seen by user space, as the next two */
    WEIR_END_TIMEOUT,
    WEIR_END_SHUTDOWN, /* inspection ended before it */
    WEIR_END_MAX,
};

/* How an attempt to connect failed: evidence of scans, and what a service owes its clients. */
enum weir_attempt_failure {
    WEIR_ATTEMPT_SILENT,     /* no answer for 5 s */
    WEIR_ATTEMPT_REFUSED,    /* an RST answered the SYN */
    WEIR_ATTEMPT_UNFINISHED, /* the SYN-ACK was not acknowledged for 5 s */
    WEIR_ATTEMPT_ABORTED,    /* an RST answered the SYN-ACK, or the client took its SYN back */
    WEIR_ATTEMPT_MAX,
};

/* One failed attempt, told once. */
struct weir_attempt {
    __u8 src[16]; /* who sent the SYN */
    __u8 dst[16];
    __u16 sport;
    __u16 dport;
    __u32 ifindex; /* as in struct weir_flow */
    __u64 start_ns;
    __u32 failure; /* enum weir_attempt_failure */
    __u32 syns;    /* sent, at most 16 */
};
_Static_assert(sizeof(struct weir_attempt) == 56, "ABI: attempt");

/* Tables are arrays of sets: 16 tags on a cache line, what is known about the age of each on the
 * next. The records stand in an array of their own, so that the tags of a large table lie close
 * together: to find that a connection has no record costs one line of them, and seldom a page that
 * is not mapped in the TLB. docs/decisions/003-flow-table.md has the measurements. */
#define WEIR_WAYS 16

struct weir_ways {
    __u32 tag[WEIR_WAYS];   /* 0: free */
    __u32 stamp[WEIR_WAYS]; /* enum weir_class << 29 | tick >> 4 */
};
_Static_assert(sizeof(struct weir_ways) == 128, "ABI: ways of a set");

struct weir_flow_set {
    struct weir_flow flow[WEIR_WAYS];
};
_Static_assert(sizeof(struct weir_flow_set) == 16 * 320, "ABI: flow set");

/* Secrets of the hash, drawn once when the tables are made. */
struct weir_hash_key {
    __u32 word[12];
};
_Static_assert(sizeof(struct weir_hash_key) == 48, "ABI: hash key");
