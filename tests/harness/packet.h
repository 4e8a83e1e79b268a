/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Frames from descriptions:
 *
 *     PACKET(.ip4 = { .ttl = 1 }, .tcp = { .flags = WEIR_SYN, .options = OPTIONS(MSS(1460)) })
 *
 * A field left out has its ordinary value: lengths and checksums are computed, addresses and ports
 * are those below, flags are ACK. Any other value is taken as it stands, right or wrong; zero is
 * given as EXACTLY(0). */

#include "dataplane/pkt.h"
#include "harness/octets.h"

#define EXACTLY(v) (1ULL << 32 | (v))
#define NO_FLAGS EXACTLY(0)

#define PACKET_CLIENT4 "192.0.2.10"
#define PACKET_SERVER4 "198.51.100.20"
#define PACKET_CLIENT6 "2001:db8:1::10"
#define PACKET_SERVER6 "2001:db8:2::20"
#define PACKET_CLIENT_PORT 40000
#define PACKET_SERVER_PORT 9443 /* no protocol is expected there */

enum packet_net {
    NET_IP4,
    NET_IP6,
    NET_NONE, /* payload behind the link header, eth.type given */
};

enum packet_l4 {
    L4_TCP,
    L4_UDP,
    L4_ICMP,  /* ICMPv6 over IPv6 */
    L4_OTHER, /* payload behind the IP header, proto given */
};

#define PACKET_VLANS_MAX 4
#define PACKET_EXTENSIONS_MAX 12

struct packet_eth {
    bool loopback; /* both addresses zero, as Linux shows its loopback device */
    __u64 vlan[PACKET_VLANS_MAX];
    __u64 tpid[PACKET_VLANS_MAX]; /* 0x8100 */
    __u64 type;
};

struct packet_ip4 {
    const char *src, *dst;
    __u64 version, ihl, tos, total, id, field, ttl, proto, check; /* field: flags and offset */
    struct octets options;                                        /* padded with End to 4 bytes */
    __u64 ah; /* bytes of an authentication header in front of the transport */
};

/* An IPv6 extension header. body: behind next header and length, padded to 8 bytes; left out: PadN,
 * or for a fragment header what .fragment says. */
struct packet_extension {
    __u64 type;
    struct octets body;
    __u64 next, len;
};
#define HOPOPTS EXACTLY(0)
#define ROUTING 43
#define FRAGMENT 44
#define AUTH 51
#define DSTOPTS 60

struct packet_ip6 {
    const char *src, *dst;
    const char *sum_src, *sum_dst; /* in the pseudo-header, where they differ (RFC 8200 8.1) */
    __u64 version, payload, next, hops;
    struct packet_extension ext[PACKET_EXTENSIONS_MAX];
};

/* This packet is bytes [from, from + bytes) of the transport part. */
struct packet_fragment {
    __u32 from, bytes;
};

struct packet_tcp {
    __u64 sport, dport, seq, ack, doff, reserved, flags, window, check, urgent;
    struct octets options; /* padded with End to 4 bytes */
};

struct packet_udp {
    __u64 sport, dport;
};

struct weir_packet;
struct packet_icmp {
    __u64 type, code;
    const struct weir_packet *quote; /* its IP packet follows the eight bytes of header */
    __u64 quote_bytes;               /* of it; default: all */
};

struct weir_packet {
    struct packet_eth eth;
    enum packet_net net;
    struct packet_ip4 ip4;
    struct packet_ip6 ip6;
    enum packet_l4 l4;
    struct packet_tcp tcp;
    struct packet_udp udp;
    struct packet_icmp icmp;
    struct packet_fragment fragment;
    __u64 proto;                            /* L4_OTHER */
    struct octets payload;                  /* in front of what is inside: the tunnel's header */
    const struct weir_packet *inside;       /* its IP packet */
    const struct weir_packet *inside_frame; /* its whole frame */
    __u32 payload_bytes;                    /* of a pattern, instead of payload */
    struct octets trailer;
    __u32 trailer_bytes; /* of zeros, instead of trailer */
    __u64 wire;          /* cut the frame on the wire to so many bytes */
    __u64 cap;           /* what the capture kept of it */
};

#define PACKET(...) (&(const struct weir_packet){ __VA_ARGS__ })
#define PACKET6(...) PACKET(.net = NET_IP6, __VA_ARGS__)

#define WEIR_FRAME_MAX (1 << 17)

struct weir_frame {
    __u32 cap;
    __u32 wire;
    __u8 b[WEIR_FRAME_MAX];
};

/* Build p into *ret_frame. Aborts on a description that makes no frame (a mistake in the test). */
void weir_packet_build(const struct weir_packet *p, struct weir_frame *ret_frame);

/* Sum by the book, byte by byte: the independent reference for dataplane/sum.h. Returns the folded,
 * not complemented sum of n bytes, big-endian, added to start. */
__u16 weir_reference_sum(const __u8 *b, size_t n, __u32 start);
