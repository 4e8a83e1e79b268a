/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* What one source of connections was seen to try, and what came of it: the evidence of scans. A
 * source is an IPv4 address or an IPv6 /64, and has a record from its second different contact on
 * (struct weir_gate), so that a flood of forged sources cannot fill the table.
 *
 * A contact is address and port of a target. What is counted once each stands in sets of 256 bits
 * by keyed hash, in which 15, 25 and 100 different members are expected to set 14.6, 23.9 and 82.9
 * bits (linear counting, Whang et al. 1990). */

#include "abi/flow.h"

#define WEIR_CONTACT_WORDS 4
#define WEIR_OPEN_PORTS 8 /* that a source found and whose numbers are kept */

struct weir_contacts {
    __u64 w[WEIR_CONTACT_WORDS];
};
_Static_assert(sizeof(struct weir_contacts) == 32, "ABI: contacts");

enum weir_source_mark {
    WEIR_SOURCE_PROVEN = 1 << 0,         /* it acknowledged what only the true owner can know */
    WEIR_SOURCE_EARLIER = 1 << 3,        /* in the window it made a contact before this record */
    WEIR_SOURCE_TOLD = 1 << 1,           /* a scan row held in the running window */
    WEIR_SOURCE_STRAY_ANSWERED = 1 << 2, /* a segment out of nowhere was answered as if known */
};

struct weir_source {
    __u8 addr[16];      /* IPv4 mapped; IPv6: the last 8 bytes are 0 */
    __u32 since;        /* tick: begin of the window, WEIR_SCAN_WINDOW */
    __u32 day;          /* tick: begin of the day */
    __u32 contact_at;   /* tick of the newest contact */
    __u32 pending_at;   /* tick of the contact that is without an outcome for longest, or before */
    __u32 isn;          /* of the newest contact's SYN */
    __u32 told_at;      /* tick: newest packet on which a scan row held */
    __u8 score;         /* signed: Threshold Random Walk, log2 of the likelihood ratio */
    __u8 marks;         /* enum weir_source_mark */
    __u8 tools;         /* bits of enum weir_scan_tool, seen twice; above them those seen once */
    __u8 same_isn;      /* contacts in a row with the same initial sequence number, saturating */
    __u8 half_reset;    /* in the window: SYN-ACKs that it answered by RST, once per contact */
    __u8 bare;          /* connections that carried nothing, once per contact */
    __u8 stray_refused; /* segments out of nowhere that were answered by RST */
    __u8 _pad;
    __u16 opened; /* contacts that completed a handshake, bare ones apart */
    __u16 failed; /* contacts refused, unreachable, or not answered */
    __u32 probes; /* SYNs of a first contact */
    struct weir_contacts touched;
    struct weir_contacts good; /* of them those that completed a handshake */
    struct weir_contacts bad;  /* those that did not, were reset at once or carried nothing */
    struct weir_contacts ports;
    struct weir_contacts hosts;
    struct weir_contacts stray;      /* ports that got a segment of no known connection */
    struct weir_contacts day_failed; /* contacts that failed in the running day */
    __u16 open[WEIR_OPEN_PORTS];     /* first ports that it found open, the newest in the last */
    __u32
        probe_least[2]; /* least and greatest of two hashes of its probes: who has one of them in */
    __u32 probe_most[2]; /* common sent the same (min-wise sampling, Broder 1997) */
    __u8 opens;          /* of open[], that are set */
    __u8 _pad2[7];       /* whole cache lines */
};
_Static_assert(__builtin_offsetof(struct weir_source, touched) == 56, "ABI: source contacts");
_Static_assert(sizeof(struct weir_source) == 320, "ABI: source");

/* Before a source has a record: the newest contact of one of the sources that share the cell. */
struct weir_gate {
    __u64 cell; /* tag of the source << 48, contact << 16, tick >> 18 */
};
_Static_assert(sizeof(struct weir_gate) == 8, "ABI: gate");

struct weir_source_set {
    struct weir_source source[WEIR_WAYS];
};
_Static_assert(sizeof(struct weir_source_set) == 16 * 320, "ABI: source set");
