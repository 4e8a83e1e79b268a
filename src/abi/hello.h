/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* TLS ClientHellos: segments that may hold one go to user space, which puts them together and reads
 * what the client says of itself. */

#include <linux/types.h>

/* A message may be 16 MiB by its length field; real ones, with post-quantum key shares, are 2 KiB.
 * More than a record's worth is refused. */
#define WEIR_HELLO_BYTES_MAX 16384
#define WEIR_HELLO_SEGMENTS 64 /* that one hello may come in, in the kernel host */

/* Connections whose hello goes on in the next segment, by hash; power of two. */
#define WEIR_HELLO_PLACES 4096
struct weir_hello_place {
    __u64 owner; /* connection and direction; 0: free */
    __u32 until; /* sequence number behind the last byte that may be its */
    __u32 left;  /* segments */
};
_Static_assert(sizeof(struct weir_hello_place) == 16, "ABI: hello place");

/* Payload of one segment, which follows. The first four members are those of struct weir_event. */
struct weir_hello_event {
    __u16 abi;
    __u16 len;  /* sizeof(struct weir_hello_event) */
    __u32 type; /* WEIR_EVENT_HELLO */
    __u64 ts_ns;
    __u64 packet; /* replay: number in the file from 1; kernel: 0 */
    __u8 src[16];
    __u8 dst[16];
    __u32 seq; /* of the first byte that follows */
    __u32 bytes;
    __u32 source; /* replay: index of the capture file; kernel: interface index */
    __u16 sport;
    __u16 dport;
    __u16 vlan; /* outer id; void without WEIR_HELLO_TAGGED */
    __u8 flags; /* enum weir_hello_flag */
    __u8 ip_version;
    __u32 frame_bytes;
    __u32 ack;
    __u16 window;
    __u16 ip_id;
    __u8 ttl;
    __u8 tcp_flags;
    __u16 _pad[3];
};
_Static_assert(sizeof(struct weir_hello_event) == 96, "ABI: hello event");

enum weir_hello_flag {
    WEIR_HELLO_TAGGED = 1 << 0, /* in a VLAN */
    WEIR_HELLO_EGRESS = 1 << 1,
};

/* What a client says, made in user space (analytics/hellos.h). */
#define WEIR_TLS_NAME_MAX 255 /* of a host name: RFC 1035 2.3.4 */
#define WEIR_TLS_ALPN_MAX 256 /* bytes of the list that are told */
struct weir_tls_event {
    struct weir_hello_event from; /* the segment that completed it */
    __u16 version;                /* highest that is offered */
    __u16 name_len;               /* of the host name, as sent */
    __u16 alpn_len;               /* of names, each behind a length byte */
    __u8 name[WEIR_TLS_NAME_MAX];
    __u8 alpn[WEIR_TLS_ALPN_MAX];
    __u8 ja3[33]; /* "" where libcrypto must not do MD5 */
    __u8 ja4[37];
    __u8 _pad[5];
};
_Static_assert(sizeof(struct weir_tls_event) == 688, "ABI: TLS event");
