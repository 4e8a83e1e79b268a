/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Evidence: the heads of the newest packets, kept in a ring, and whole packets of a source for a
 * while after its incident began. */

#include <linux/types.h>

/* Bytes of a packet that are kept before anything is known against its source. */
#define WEIR_RECENT_BYTES 128

/* Sources that are watched at a time; two that fall into one place have one file between them: the
 * other gets none, and that is counted. Power of two. */
#define WEIR_WATCHES 1024
#define WEIR_WATCH_NS (30ULL * 1000 * 1000 * 1000)

enum weir_packet_flag {
    WEIR_PACKET_FIRST = 1 << 0, /* the watch begins with it */
    WEIR_PACKET_LAST = 1 << 1,  /* the watch is over */
    WEIR_PACKET_EGRESS = 1 << 2,
    WEIR_PACKET_DROPPED = 1 << 3,
    WEIR_PACKET_WOULD_DROP = 1 << 4, /* in enforce mode */
};

/* What was made of a packet. */
struct weir_packet_note {
    __u32 source;    /* interface index; replay: index of the capture file */
    __u32 wire;      /* bytes of the frame */
    __u32 cap;       /* bytes that are kept of it */
    __u16 detection; /* enum weir_detection of the finding, 0: none */
    __u16 vlan;      /* tag that was not in the frame any more, 0: none */
    __u16 link;      /* LINKTYPE of pcapng */
    __u8 action;     /* enum weir_action of the finding */
    __u8 drop;       /* enum weir_drop_reason, of one that is dropped */
    __u8 flags;      /* enum weir_packet_flag */
    __u8 hook;       /* enum weir_hook; replay: WEIR_HOOK_MAX */
    __u16 _pad;
};
_Static_assert(sizeof(struct weir_packet_note) == 24, "ABI: packet note");

#define WEIR_LINK_ETHERNET 1

struct weir_recent {
    __u64 ts_ns;
    struct weir_packet_note note;
    __u32 seq; /* from 1; 0 while it is being written, or never was */
    __u32 _pad;
    __u8 b[WEIR_RECENT_BYTES];
};
_Static_assert(sizeof(struct weir_recent) == 168, "ABI: recent");

/* A source whose packets are kept whole. Free when its time is over or nothing is left. */
struct weir_watch {
    __u64 until_ns;
    __u8 addr[16];
    __u32 left; /* packets */
    __u32 number;
};
_Static_assert(sizeof(struct weir_watch) == 32, "ABI: watch");

/* One whole packet; note.cap bytes of it follow. The first four members are those of struct
 * weir_event. */
struct weir_packet_event {
    __u16 abi;
    __u16 len;  /* sizeof(struct weir_packet_event) */
    __u32 type; /* WEIR_EVENT_PACKET */
    __u64 ts_ns;
    __u8 addr[16]; /* of the watch */
    __u32 watch;   /* its place */
    __u32 number;  /* of the watches that this place had */
    struct weir_packet_note note;
};
_Static_assert(sizeof(struct weir_packet_event) == 64, "ABI: packet event");
