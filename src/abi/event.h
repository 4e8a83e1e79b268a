/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* What an inspection host hands to src/events: the kernel through a ring buffer, replay by a call.
 */

#include "abi/flow.h"
#include "abi/tunnel.h"

#define WEIR_ABI 2

/* An incident without a packet for so long is over, and owes its last event. */
#define WEIR_QUIET_NS (10ULL * 1000 * 1000 * 1000)

enum weir_event_type {
    WEIR_EVENT_FINDING =
        1, /* first, doubled count, or last (WEIR_EVENT_FINAL) of one suppression key */
    WEIR_EVENT_COUNTED, /* a row that only counts, printed on demand (--counted) */
    WEIR_EVENT_DROP,    /* a packet that was dropped, on demand (--log-drops) */
    WEIR_EVENT_FLOW,    /* struct weir_flow_event: a connection whose record is given up */
    WEIR_EVENT_PACKET,  /* struct weir_packet_event: evidence, on demand (--evidence) */
    WEIR_EVENT_HELLO,   /* struct weir_hello_event: a segment of a ClientHello, on demand (--tls) */
};

enum weir_drop_reason {
    WEIR_DROP_NONE, /* not a drop */
    WEIR_DROP_DETECTION,
    WEIR_DROP_BAN,
    WEIR_DROP_DENY,
    WEIR_DROP_REASON_MAX,
};

/* struct weir_event.evidence of a WEIR_EVENT_DROP. */
enum weir_drop_value {
    WEIR_DROP_IP_BYTES,   /* IPv4 total length; IPv6 payload length + 40 */
    WEIR_DROP_IP_WORD,    /* first four bytes of the IP header: type of service, flow label */
    WEIR_DROP_TCP_WORD,   /* urgent pointer << 16 | the reserved bits */
    WEIR_DROP_SUPPRESSED, /* drops without a record since the one before, on this CPU and hook */
    WEIR_DROP_VALUE_MAX,
};

enum weir_event_flag {
    WEIR_EVENT_ENFORCED = 1 << 0, /* the action was carried out, not only computed */
    WEIR_EVENT_FINAL = 1 << 1,    /* the incident is over: count is exact */
    WEIR_EVENT_EGRESS = 1 << 2,   /* the packet left this host or the local networks */
    WEIR_EVENT_TO_CLIENT = 1 << 3,
    WEIR_EVENT_NO_PORTS = 1 << 4, /* later fragment or unreadable header: sport, dport are void */
    WEIR_EVENT_NO_ADDRS = 1 << 5, /* IP header unreadable: src, dst, proto are void */
};

#define WEIR_EVIDENCE_MAX 8

/* One finding. Host byte order but for the addresses, which are 16 bytes as on the wire with IPv4
 * mapped (::ffff:a.b.c.d). */
struct weir_event {
    __u16 abi;   /* WEIR_ABI */
    __u16 len;   /* sizeof(struct weir_event) */
    __u32 type;  /* enum weir_event_type */
    __u64 ts_ns; /* of the packet: capture time in replay, else the kernel's monotonic clock */
    __u64 first_ns;
    __u64 count;   /* packets with this detection from this source since first_ns */
    __u64 flow_id; /* < 2^53, the same for both directions */
    __u64 packet;  /* replay: number in the file from 1; kernel: 0 */
    __u64 also[2]; /* rows of the other findings of this packet: bits of enum weir_row */
    __u8 src[16];
    __u8 dst[16];
    __u16 sport;
    __u16 dport;
    __u16 detection; /* enum weir_detection; 0 for a drop by ban or deny list */
    __u8 action;     /* enum weir_action that policy names for it */
    __u8 flags;      /* enum weir_event_flag */
    __u8 proto;      /* IP protocol */
    __u8 ip_version; /* 4, 6, or 0 when unreadable */
    __u8 ttl;        /* or IPv6 hop limit */
    __u8 tcp_flags;  /* CWR ECE URG ACK PSH RST SYN FIN */
    __u32 seq;
    __u32 ack;
    __u16 window;
    __u16 vlan[2];       /* VLAN ids, outer first */
    __u8 vlans;          /* how many of them are set */
    __u8 drop;           /* enum weir_drop_reason */
    __u32 payload_bytes; /* TCP payload by the IP header */
    __u32 frame_bytes;
    __u32 source;  /* replay: index of the capture file; kernel: interface index */
    __u16 outcome; /* enum weir_outcome of parsing */
    __u16 ip_id;   /* IPv4 identification, 0 for IPv6 */
    __u32 evidence[WEIR_EVIDENCE_MAX]; /* named by the row in detections.def */
    __u32 tunnel_id;                   /* of the innermost tunnel: VNI, key, TEID, label, session */
    __u8 outer_src[16];                /* of the outermost IP header around the packet */
    __u8 outer_dst[16];
    __u8 outer_proto;
    __u8 tunnel_depth;             /* tunnels over IP: outer_* are void when it is 0 */
    __u8 tunnel[WEIR_TUNNELS_MAX]; /* enum weir_tunnel, outer first; void from a NONE on */
    __u32 print;                   /* of a SYN: dataplane/print.h; else 0 */
};
_Static_assert((int)WEIR_DROP_VALUE_MAX <= WEIR_EVIDENCE_MAX,
               "struct weir_event: values of a drop");
_Static_assert(sizeof(struct weir_event) == 216, "ABI: event");
_Static_assert(__builtin_offsetof(struct weir_event, outer_src) == 176, "ABI: event tunnel");
_Static_assert(__builtin_offsetof(struct weir_event, evidence) == 140, "ABI: event evidence");

/* A record that had to go before user space saw its end. The first four members are those of struct
 * weir_event. */
struct weir_flow_event {
    __u16 abi;
    __u16 len;  /* sizeof(struct weir_flow_event) */
    __u32 type; /* WEIR_EVENT_FLOW */
    __u64 ts_ns;
    __u32 why; /* enum weir_flow_end */
    __u32 _pad;
    struct weir_flow flow;
};
_Static_assert(sizeof(struct weir_flow_event) == 344, "ABI: flow event");
