/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* What a service, a protected address or a network of them was seen to get, and what that amounts
 * to. Counted for each CPU apart, without a lock; added up at most once a slot, by whoever comes
 * first. User space reads, and takes its turn, through a shared mapping.
 *
 * Time: a slot is 2^7 ticks (134 ms), a beat 4 slots (0.54 s). Two beats stand for a second: rates
 * are per 2^10 ticks (1.07 s), which is why a limit of 1,000 a second is 1,074 here. */

#include "abi/flow.h"

#define WEIR_SLOT_SHIFT 7
#define WEIR_BEAT_SHIFT 9
#define WEIR_RATE(per_second)                                                                      \
    ((__u32)((per_second)*1024ULL * (1ULL << WEIR_TICK_SHIFT) / 1000000000))

enum weir_dest_kind {
    WEIR_DEST_SERVICE, /* address and port that serve TCP, or are asked to */
    WEIR_DEST_HOST,    /* address; what is for none of its services */
    WEIR_DEST_NET,     /* IPv4 /24 or IPv6 /64: what hosts and services of it get unasked */
    WEIR_DEST_KINDS,
};

/* Packets, from the side of the service. */
enum weir_seen {
    WEIR_SEEN_SYN,        /* first of an attempt */
    WEIR_SEEN_SYN_AGAIN,  /* its retransmissions */
    WEIR_SEEN_SYNACK,     /* its answers, retransmissions apart */
    WEIR_SEEN_DONE,       /* handshakes completed by the client */
    WEIR_SEEN_REFUSED,    /* SYNs answered by RST */
    WEIR_SEEN_HALF_RESET, /* SYN-ACKs answered by RST */
    WEIR_SEEN_MARK,       /* those with the mark of struct weir_dest */
    WEIR_SEEN_SYNACK_STRAY,
    WEIR_SEEN_RST_STRAY,
    WEIR_SEEN_FIN_STRAY,
    WEIR_SEEN_ACK_STRAY, /* with or without data */
    WEIR_SEEN_WEB_STRAY, /* of them those with data from port 80 or 443 */
    WEIR_SEEN_ADOPTED,   /* connections nobody knew that turned out to be alive */
    WEIR_SEEN_DROPPED,   /* packets of floods that were dropped, or would be */
    WEIR_SEEN_COOKIE,    /* SYNs answered with a cookie */
    WEIR_SEEN_COOKIE_GOOD,
    WEIR_SEEN_COOKIE_BAD,
    WEIR_SEEN_UNASKED, /* network: what its hosts got unasked, a second late */
    WEIR_SEEN_MAX,
};

/* What a record may be found to suffer: one row of the catalogue each. */
enum weir_surge_kind {
    WEIR_SURGE_SYN,
    WEIR_SURGE_HALF_OPEN,
    WEIR_SURGE_FINGERPRINT,
    WEIR_SURGE_SYNACK,
    WEIR_SURGE_ACK,
    WEIR_SURGE_RST,
    WEIR_SURGE_FIN,
    WEIR_SURGE_AMPLIFICATION,
    WEIR_SURGE_COOKIE_ACK,
    WEIR_SURGE_CARPET,
    WEIR_SURGES,
};

#define WEIR_SURGES_SYN (1U << WEIR_SURGE_SYN | 1U << WEIR_SURGE_HALF_OPEN)

/* One record as one CPU saw it, never reset: differences count. Plain increments: packets of one
 * CPU follow one another. */
struct weir_dest_cpu {
    __u32 mark; /* what most of the newest have in common: see struct weir_dest */
    __u32 votes;
    __u32 seen[20];         /* by enum weir_seen */
    __u32 hit[WEIR_SURGES]; /* packets of which the surge's row was the finding */
};
_Static_assert(WEIR_SEEN_MAX <= 20, "struct weir_dest_cpu: seen");
_Static_assert(sizeof(struct weir_dest_cpu) == 128, "ABI: service of a CPU");

/* The incident of one row. The first four as in struct weir_suppress, the rest of its newest packet
 * that was reported. */
struct weir_surge {
    __u64 first_ns; /* 0: none runs */
    __u64 last_ns;  /* to a slot */
    __u64 count;    /* exact as of the newest turn */
    __u64 reported;
    __u8 src[16];
    __u8 dst[16];
    __u16 sport;
    __u16 dport;
    __u32 source; /* interface index, index of the file */
    __u32 peak;   /* highest rate */
    __u32 loud;   /* tick of the newest beat that was not quiet */
    __u8 action;
    __u8 flags; /* enum weir_event_flag */
    __u8 proto;
    __u8 ip_version;
    __u8 ttl;
    __u8 tcp_flags;
    __u16 outcome;
};
_Static_assert(sizeof(struct weir_surge) == 88, "ABI: surge");

/* The state of DETECTIONS 1.1. ATTACK: SYNs are answered with cookies, if at all; RECOVER: no more
 * of them are made, those that are out are still taken. */
enum weir_dest_state {
    WEIR_DEST_NORMAL,
    WEIR_DEST_ATTACK,
    WEIR_DEST_RECOVER,
    WEIR_DEST_STATES,
};

enum weir_dest_flag {
    WEIR_DEST_SERVED = 1 << 0,  /* a client completed a handshake, ever */
    WEIR_DEST_ANSWERS = 1 << 1, /* its SYN-ACKs were seen of late */
    WEIR_DEST_BACKLOG = 1 << 2, /* backlog is the listener's, not a guess */
    WEIR_DEST_LIMIT = 1 << 3,   /* syn_limit is policy's, not learned */
};

#define WEIR_DOORS 4
struct weir_door {
    __u16 port;
    __u16 votes;
};
_Static_assert(sizeof(struct weir_door) == 4, "ABI: door");

#define WEIR_HALF_SPANS 16 /* of 2^12 ticks (4.3 s): together longer than a SYN-ACK is repeated */

struct weir_dest {
    /* What every packet reads. */
    __u8 addr[16]; /* as on the wire, IPv4 mapped */
    __u16 port;
    __u8 kind;     /* enum weir_dest_kind */
    __u8 state;    /* enum weir_dest_state */
    __u32 slot;    /* of the newest turn; whoever moves it on has the turn */
    __u32 surging; /* bits of enum weir_surge_kind that hold */
    __u32 heavy;   /* of them those that are beyond what may pass */
    __u32 owed;    /* of them those whose next packet is to be reported */
    __u32 mark;    /* service: the fingerprint of most SYNs; address: port of most packets */
    __u32 carpet;  /* tick until which its network drowns; 0: it does not */
    __u8 flags;    /* enum weir_dest_flag */
    __u8 beats;    /* how long mark stands, saturating */
    __u8 unmet;    /* beats in a row in which more than half of all SYNs led nowhere */
    __u8 _pad;
    struct weir_door door[WEIR_DOORS]; /* address: ports that may deserve a record */
    __u8 sources[64]; /* registers of a HyperLogLog of who sends what is not asked for */
    /* All else belongs to the turn. */
    __u64 began_ns;               /* of the incident: first surge. 0: there was none */
    __u64 over_ns;                /* its end; 0 while it goes on */
    __u64 got[WEIR_SEEN_MAX];     /* since it began, with the second that showed it */
    __u32 base[32];               /* struct weir_dest_cpu, summed, at the newest turn */
    __u32 now[WEIR_SEEN_MAX];     /* of the running beat */
    __u32 beat[2][WEIR_SEEN_MAX]; /* newest first */
    __u32
        half[WEIR_HALF_SPANS]; /* SYN-ACKs less completed and reset ones, by span: may be below 0 */
    __u32 half_at;             /* span that is written */
    __u32 half_sum;            /* of all spans, at least 0 */
    __u32 half_usual;          /* average in peace, 1/16 */
    __u32 backlog;             /* half-open handshakes that the service takes */
    __u32 syn_usual;           /* average rate of SYNs in peace, 1/16 */
    __u32 syn_ceiling;         /* of syn_usual: it learns a doubling an hour */
    __u32 ceiling_at;          /* tick */
    __u32 syn_limit;           /* rate beyond which SYNs that complete nothing are a flood */
    __u32 half_limit;
    __u32 state_at;    /* tick of the newest change */
    __u32 answers_at;  /* tick of the newest SYN-ACK */
    __u32 new_sources; /* estimate of `sources`, of the newest beat */
    __u32 at;          /* tick of the turn that is taken */
    __u32 _pad3;
    struct weir_surge surge[WEIR_SURGES];
    __u64 _pad4[4];
};
_Static_assert(__builtin_offsetof(struct weir_dest, sources) == 64, "ABI: service sources");
_Static_assert(__builtin_offsetof(struct weir_dest, began_ns) == 128, "ABI: service turn");
_Static_assert(sizeof(struct weir_dest) == 26 * 64, "ABI: service");

/* Argument of the program that sweeps the table, from record `from` on. */
#define WEIR_SWEEP_RECORDS 256
struct weir_dest_sweep {
    __u32 from;
    __u32 all; /* incidents end, whether or not they are over */
};
_Static_assert(sizeof(struct weir_dest_sweep) == 8, "ABI: sweep");

struct weir_dest_set {
    struct weir_ways ways;
    struct weir_dest service[WEIR_WAYS];
};
_Static_assert(sizeof(struct weir_dest_set) == 128 + 16 * 1664, "ABI: service set");
