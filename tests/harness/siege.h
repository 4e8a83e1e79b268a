/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Sieges: streams of packets at a rate, and what the flood rows must make of them. Run natively by
 * the rows' tests, through the kernel host by tests/prog/sieges.c. The clock is the siege's own: a
 * minute of silence takes no time. */

#include "dataplane/conn.h"
#include "dataplane/surge.h"
#include "dataplane/target.h"
#include "harness/host.h"
#include "harness/packet.h"

#define SIEGE_SERVER "198.51.100.20" /* the address that is ours */
#define SIEGE_SERVER6 "2001:db8:2::20"
#define SIEGE_PORT 443

/* What a stream repeats; > comes in, < goes out. */
enum weir_move {
    MOVE_NONE,
    MOVE_SYN,         /* > SYN, < SYN-ACK, and nothing more */
    MOVE_SYN_UNSEEN,  /* > SYN */
    MOVE_SYN_REFUSED, /* > SYN, < RST */
    MOVE_SYN_RETRIED, /* > SYN, a second later again */
    MOVE_SYN_RESET,   /* > SYN, < SYN-ACK, > RST: a health check */
    MOVE_CONNECT,     /* > SYN, < SYN-ACK, > ACK after 30 ms */
    MOVE_PATIENT,     /* > SYN, a second later again, < SYN-ACK, > ACK: clients that were lost */
    MOVE_HASTY,       /* > SYN, at once again */
    MOVE_CONNECT_SEEN_IN, /* the same with < not seen */
    MOVE_CLOSE,           /* MOVE_CONNECT, and > RST that fits after another 30 ms */
    MOVE_ACK,             /* > ACK of nothing */
    MOVE_DATA,
    MOVE_RST,
    MOVE_FIN,
    MOVE_SYNACK,
    MOVE_WEB,        /* > data from port 443 */
    MOVE_BAD_COOKIE, /* > ACK that the listener, asked, takes for no cookie of its own */
};

/* Build of TCP that a stream's SYNs come from. */
enum weir_build {
    BUILD_LINUX,
    BUILD_BARE,  /* no options, as packet generators send */
    BUILD_MIXED, /* another for each packet */
};

struct weir_stream {
    enum weir_move move;
    __u32 from_ms, to_ms;
    __u32 per_second;
    __u32 sources; /* it comes from so many in turn; 0: each move from another */
    __u32 port;    /* SIEGE_PORT */
    __u32 ports;   /* it goes to so many from port on, in turn */
    __u32 hosts;   /* and to so many addresses from SIEGE_SERVER's network */
    enum weir_build build;
    bool ip6;
    bool innocent; /* none of its packets may be dropped */
    bool patient;  /* none but the first of each move */
    bool forged;   /* some of the second of each move are dropped, too */
};

/* A row that holds for some packet, first between these, last before `until`. */
struct weir_rise {
    const char *row;
    __u32 after_ms, before_ms;
    __u32 until_ms; /* 0: not asked */
    bool drops;     /* in enforce mode packets of it are dropped; else none is for its sake */
};

/* The state of the service of SIEGE_PORT at a time. */
struct weir_mood {
    __u32 at_ms;
    enum weir_dest_state state;
};

#define SIEGE_STREAMS 4
#define SIEGE_RISES 8
#define SIEGE_MOODS 6

struct weir_siege {
    const char *name; /* begins with the row that it is about */
    __u32 ms;         /* so long */
    bool native;      /* the kernel host would need a listener: tests/prog/cookie.c */
    struct weir_stream stream[SIEGE_STREAMS];
    struct weir_rise rise[SIEGE_RISES]; /* no other row with state TARGET may hold */
    struct weir_mood mood[SIEGE_MOODS];
};

/* The addresses that are ours: so many from SIEGE_SERVER on, and one of IPv6. */
#define SIEGE_HOSTS 24
void weir_siege_address(__u8 ret[16], bool ip6, __u32 host);

const struct weir_siege *weir_sieges(size_t *ret_n);

/* A packet of a siege. */
struct weir_shot {
    struct weir_frame frame;
    __u64 now_ns;
    __u8 step;                        /* of its move */
    const struct weir_stream *stream; /* NULL: none; a second has passed, the host sweeps */
    bool egress;
};

/* Goes through a siege. */
struct weir_march;
struct weir_march *weir_march_new(const struct weir_siege *siege);
void weir_march_free(struct weir_march *m);
/* The next shot, NULL at the end. Valid until the next call. */
const struct weir_shot *weir_march_next(struct weir_march *m);

/* A host with all tables that an attempt to connect is looked up in. */
#define DEFENDER_SETS 1024
#define DEFENDER_DEST_SETS 16
#define DEFENDER_SOURCE_SETS 64
#define DEFENDER_GATES (DEFENDER_SOURCE_SETS * WEIR_WAYS * 8)
struct weir_defender {
    struct weir_ways flow_ways[DEFENDER_SETS], half_ways[DEFENDER_SETS];
    struct weir_flow_set flows[DEFENDER_SETS], half[DEFENDER_SETS];
    struct weir_dest_set dests[DEFENDER_DEST_SETS];
    struct weir_dest_cpu cpu[DEFENDER_DEST_SETS * WEIR_WAYS];
    struct weir_ways source_ways[DEFENDER_SOURCE_SETS];
    struct weir_source_set sources[DEFENDER_SOURCE_SETS];
    struct weir_gate gates[DEFENDER_GATES];
    struct weir_target targets[WEIR_TARGETS];
    struct weir_twin twins[WEIR_TWINS];
    struct weir_contact contact;
    struct weir_hash_key key;
    struct weir_flow ended;
    struct weir_policy policy;
    struct weir_track t; /* of the newest packet */
    struct weir_flood f;
    struct weir_inspection in;
    struct weir_decision decision;
    struct weir_event ev[4096]; /* all that were reported */
    size_t events;
};

void weir_defender_init(struct weir_defender *d, enum weir_mode mode);
void weir_defender_shot(struct weir_defender *d, const struct weir_shot *shot);
/* The record of the service at SIEGE_PORT, NULL without. */
const struct weir_dest *weir_defender_service(const struct weir_defender *d);

/* The test of one row, as weir_expect_talks(). */
void weir_expect_sieges(const char *row);

#define SIEGE_TEST(row)                                                                            \
    static void sieges(void **state)                                                               \
    {                                                                                              \
        (void)state;                                                                               \
        weir_expect_sieges(row);                                                                   \
    }                                                                                              \
    DETECTION_TEST(sieges)
