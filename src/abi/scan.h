/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* A scan as people are told of it: what several findings, of several sources perhaps, are parts of.
 * Made in user space (analytics/scans.h), written by events. */

#include "abi/source.h"

#define WEIR_SCAN_SOURCES 8
#define WEIR_SCAN_TARGETS 4
#define WEIR_SCAN_PARTS 12

/* By what is sent. */
enum weir_scan_type {
    WEIR_SCAN_TYPE_SYN, /* nmap -sS, masscan, ZMap; whoever is not known to do otherwise */
    WEIR_SCAN_TYPE_CONNECT,
    WEIR_SCAN_TYPE_FIN,
    WEIR_SCAN_TYPE_NULL,
    WEIR_SCAN_TYPE_XMAS,
    WEIR_SCAN_TYPE_MAIMON,
    WEIR_SCAN_TYPE_ACK,
    WEIR_SCAN_TYPE_IDLE, /* we are to be the zombie */
    WEIR_SCAN_TYPE_CUSTOM,
    WEIR_SCAN_TYPE_FRAGMENTED,
    WEIR_SCAN_TYPE_MAX,
};

/* By what is asked. */
enum weir_scan_shape {
    WEIR_SCAN_SHAPE_VERTICAL,   /* ports of a host or of few */
    WEIR_SCAN_SHAPE_HORIZONTAL, /* hosts, on few ports */
    WEIR_SCAN_SHAPE_BLOCK,      /* many of both */
    WEIR_SCAN_SHAPE_MAX,
};

enum weir_scan_state {
    WEIR_SCAN_OPENED,
    WEIR_SCAN_GOES_ON,
    WEIR_SCAN_OVER,
    WEIR_SCAN_MERGED, /* part of another, as was found out later */
    WEIR_SCAN_STATE_MAX,
};

enum weir_scan_flag {
    WEIR_SCAN_FLAG_DECOYS = 1 << 0,      /* sources sent the same probes: all but one are forged */
    WEIR_SCAN_FLAG_DISTRIBUTED = 1 << 1, /* many sources share it */
    WEIR_SCAN_FLAG_OUTBOUND = 1 << 2,    /* by a host of ours */
    WEIR_SCAN_FLAG_SLOW = 1 << 3,
    WEIR_SCAN_FLAG_PROVEN = 1 << 4, /* a source completed a handshake: it is not forged */
    WEIR_SCAN_FLAG_REAL = 1 << 5,   /* of the decoys, source[real] alone reacts to answers */
    WEIR_SCAN_FLAG_SHARED = 1 << 6, /* a few sources, each with a part of the ports */
};

/* Findings of one detection. */
struct weir_scan_part {
    __u64 packets;
    __u16 detection; /* enum weir_detection; 0: none from here on */
    __u16 _pad[3];
};
_Static_assert(sizeof(struct weir_scan_part) == 16, "ABI: scan part");

struct weir_scan_incident {
    __u64 id;          /* from 1, of this run */
    __u64 merged_into; /* WEIR_SCAN_MERGED */
    __u64 first_ns;
    __u64 last_ns;
    __u64 packets; /* findings */
    struct weir_scan_part part[WEIR_SCAN_PARTS];
    __u8 source[WEIR_SCAN_SOURCES][16];
    __u8 target[WEIR_SCAN_TARGETS][16];
    __u32 ports; /* different, estimated where there are many */
    __u32 hosts;
    __u32 failed; /* contacts of a window */
    __u32 opened;
    __u32 score;  /* signed */
    __u32 spread; /* WEIR_SCAN_FLAG_DISTRIBUTED: sources, estimated */
    __u32 origin; /* interface or file, as struct weir_event.source */
    __u16 open[WEIR_OPEN_PORTS];
    __u8 opens;
    __u8 sources;
    __u8 targets;
    __u8 real;
    __u8 type;       /* enum weir_scan_type */
    __u8 shape;      /* enum weir_scan_shape */
    __u8 state;      /* enum weir_scan_state */
    __u8 flags;      /* enum weir_scan_flag */
    __u8 tool;       /* 0: not known; bits 1 nmap, 2 masscan, 3 ZMap */
    __u8 confidence; /* percent */
    __u8 half_reset;
    __u8 bare;
    __u8 refused;
    __u8 ip_version;
    __u8 _pad[6];
};
_Static_assert(__builtin_offsetof(struct weir_scan_incident, source) == 232, "ABI: scan sources");
_Static_assert(sizeof(struct weir_scan_incident) == 488, "ABI: scan incident");
