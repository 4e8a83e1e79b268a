/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* What parsing leaves of a packet: decoded fields in host byte order, and its traits. */

#include "abi/outcome.h"
#include "abi/tunnel.h"
#include "dataplane/fn.h"

enum weir_tcp_flag {
    WEIR_FIN = 0x01,
    WEIR_SYN = 0x02,
    WEIR_RST = 0x04,
    WEIR_PSH = 0x08,
    WEIR_ACK = 0x10,
    WEIR_URG = 0x20,
    WEIR_ECE = 0x40,
    WEIR_CWR = 0x80,
};

/* Facts that ask for a closer look. The detections run only when at least one is set, so the common
 * clean segment pays for none of them; each row's header names the traits that it needs. */
#define WEIR_TRAIT(n) (1ULL << (n))
#define WEIR_TRAIT_IP_VERSION WEIR_TRAIT(0)   /* version nibble is not the link layer's protocol */
#define WEIR_TRAIT_IP4_LENGTH WEIR_TRAIT(1)   /* IHL or total length impossible, or header cut */
#define WEIR_TRAIT_IP4_CHECKSUM WEIR_TRAIT(2) /* header sum is not 0xffff */
#define WEIR_TRAIT_IP4_OPTION_BAD WEIR_TRAIT(3)   /* option length impossible, or option twice */
#define WEIR_TRAIT_IP4_OPTION_ROUTE WEIR_TRAIT(4) /* LSRR or SSRR */
#define WEIR_TRAIT_IP4_OPTION_TRACE WEIR_TRAIT(5) /* record route or timestamp */
#define WEIR_TRAIT_IP4_RESERVED WEIR_TRAIT(6)     /* reserved bit of the fragment field */
#define WEIR_TRAIT_IP6_LENGTH WEIR_TRAIT(7)
#define WEIR_TRAIT_IP6_CHAIN WEIR_TRAIT(8) /* extension header twice, out of order, too many */
#define WEIR_TRAIT_IP6_RH0 WEIR_TRAIT(9)
#define WEIR_TRAIT_TTL WEIR_TRAIT(10)        /* TTL or hop limit 0 or 1 */
#define WEIR_TRAIT_FRAGMENT WEIR_TRAIT(11)   /* IPv4 MF or offset, IPv6 fragment header */
#define WEIR_TRAIT_TRUNCATED WEIR_TRAIT(12)  /* IP length beyond the frame, TCP header whole */
#define WEIR_TRAIT_VLAN_DEPTH WEIR_TRAIT(13) /* third VLAN tag */
#define WEIR_TRAIT_SAME_ADDR WEIR_TRAIT(14)  /* source address = destination address */
#define WEIR_TRAIT_SRC_ODD WEIR_TRAIT(15)    /* source class is not unicast */
#define WEIR_TRAIT_DST_GROUP WEIR_TRAIT(16)  /* destination is multicast or limited broadcast */
#define WEIR_TRAIT_SRC_OWN                                                                         \
    WEIR_TRAIT(17) /* set by the host: source is an address of this machine */
#define WEIR_TRAIT_PORT_ZERO WEIR_TRAIT(18)
#define WEIR_TRAIT_TCP_LENGTH WEIR_TRAIT(19)
#define WEIR_TRAIT_TCP_FLAGS WEIR_TRAIT(20) /* combination that conntrack calls invalid */
#define WEIR_TRAIT_SYN WEIR_TRAIT(21)       /* SYN set */
#define WEIR_TRAIT_TCP_RESERVED WEIR_TRAIT(22)
#define WEIR_TRAIT_URGENT WEIR_TRAIT(23) /* URG set, or urgent pointer not 0 */
#define WEIR_TRAIT_ACK_UNFLAGGED WEIR_TRAIT(24)
#define WEIR_TRAIT_RST_DATA WEIR_TRAIT(25)
#define WEIR_TRAIT_OPTION_LENGTH WEIR_TRAIT(26)
#define WEIR_TRAIT_OPTION_TWICE WEIR_TRAIT(27)
#define WEIR_TRAIT_OPTION_OBSOLETE WEIR_TRAIT(28)
#define WEIR_TRAIT_OPTION_AFTER_END                                                                \
    WEIR_TRAIT(29) /* bytes other than 0 behind End of Option List */
#define WEIR_TRAIT_OPTION_SYN_ONLY                                                                 \
    WEIR_TRAIT(30) /* MSS, window scale or SACK permitted without SYN */
#define WEIR_TRAIT_TCP_CHECKSUM WEIR_TRAIT(31)
#define WEIR_TRAIT_CHECKSUM_PENDING WEIR_TRAIT(32) /* pseudo-header sum only: transmit offload */
#define WEIR_TRAIT_TUNNEL_PART WEIR_TRAIT(33)  /* the rest is in other fragments of the outside */
#define WEIR_TRAIT_TUNNEL_DEPTH WEIR_TRAIT(34) /* a tunnel in WEIR_TUNNELS_MAX others */
#define WEIR_TRAIT_LABEL_DEPTH WEIR_TRAIT(35)  /* more MPLS labels than are walked */

/* TCP options present; struct weir_pkt.options. */
enum weir_tcp_option {
    WEIR_OPTION_MSS = 1 << 0,
    WEIR_OPTION_WSCALE = 1 << 1,
    WEIR_OPTION_SACK_OK = 1 << 2,
    WEIR_OPTION_SACK = 1 << 3,
    WEIR_OPTION_TIMESTAMPS = 1 << 4,
    WEIR_OPTION_FASTOPEN = 1 << 5, /* kind 34, or 254 with magic 0xF989 */
    WEIR_OPTION_MD5 = 1 << 6,
    WEIR_OPTION_AO = 1 << 7,
    WEIR_OPTION_MPTCP = 1 << 8,
    WEIR_OPTION_OTHER = 1 << 9,       /* any kind the parser does not decode, NOP and End apart */
    WEIR_OPTION_MPTCP_JOIN = 1 << 10, /* MPTCP, subtype MP_JOIN */
};

/* Address classes that no unicast sender may have; enum of struct weir_pkt.src_class. */
enum weir_addr_class {
    WEIR_ADDR_UNICAST,
    WEIR_ADDR_LOOPBACK,   /* 127/8, ::1 */
    WEIR_ADDR_LINK_LOCAL, /* 169.254/16 only: fe80::/10 is ordinary on a link */
    WEIR_ADDR_GROUP,      /* multicast, limited broadcast */
    WEIR_ADDR_RESERVED,   /* 0/8, 240/4, ::, ::ffff:0:0/96, fec0::/10 */
};

enum weir_link_flag {
    WEIR_LINK_LOOPBACK = 1 << 0, /* the frame came over a loopback interface */
    WEIR_LINK_SENT = 1 << 1,     /* set by the host: this machine itself sends it */
};

/* Where the packet was found. Written only when a tunnel is opened: void while struct
 * weir_pkt.tunnels is 0, so that other packets need not clear it. */
struct weir_outside {
    __u8 src[16]; /* of the outermost IP header, which the fast verdict goes by; 0 without one */
    __u8 dst[16];
    __u32 id;                    /* of the innermost: VNI, key, TEID, label, session */
    __u16 type;                  /* EtherType of what is inside */
    __u8 kind[WEIR_TUNNELS_MAX]; /* enum weir_tunnel, outer first */
    __u8 proto;                  /* of the outermost IP header */
    __u8 depth;                  /* of the tunnels, those that are over IP */
    __u8 opened;                 /* kind of the tunnel whose header was read last */
    __u8 _pad[5];
};

/* Field order: what every packet touches first. Addresses are 16 bytes as on the wire, IPv4 mapped;
 * all numbers are in host order. Fields that the outcome did not reach are 0. */
struct weir_pkt {
    __u64 traits;
    __u8 src[16];
    __u8 dst[16];
    __u16 sport;
    __u16 dport;
    __u8 tcp_flags;
    __u8 tcp_reserved; /* the four bits between data offset and CWR; bit 0 is AE (AccECN) */
    __u8 outcome;      /* enum weir_outcome */
    __u8 ip_version;   /* 4, 6; 0 when there is no readable IP header */
    __u32 seq;
    __u32 ack;
    __u16 window;
    __u16 urgent;
    __u8 proto; /* last next-header or protocol number */
    __u8 ttl;
    __u8 src_class;  /* enum weir_addr_class */
    __u8 link_flags; /* enum weir_link_flag, from the link parser or the host */
    __u32 l3_off;    /* offsets are into the frame */
    __u32 l4_off;
    __u32 l4_len;        /* bytes behind l4_off by the IP length, not by the frame */
    __u32 payload_off;   /* TCP payload; 0 unless outcome TCP */
    __u32 payload_bytes; /* by the IP length; a truncated frame holds less */
    __u32 ip_bytes;      /* IPv4 total length; IPv6 payload length + 40 */
    __u16 vlan[2];       /* ids */
    __u8 vlans;
    __u8 fragment_more; /* MF */
    __u8 fragment_df;
    __u8 ip6_headers;   /* extension headers walked */
    __u32 fragment_off; /* bytes */
    __u32 ip_id;        /* IPv4 identification (16 bits) or IPv6 fragment id */
    __u16 options;      /* enum weir_tcp_option */
    __u16 mss;
    __u8 wscale;
    __u8 bad_kind;    /* first fault of the IP header: version, option kind, or next header */
    __u8 option_kind; /* worst fault of the TCP options, the first of its sort */
    __u8 option_len;  /* its length byte */
    __u32 tsval;
    __u32 tsecr;
    __u16 pseudo_adjust; /* what a routing header or home address adds to the pseudo-header sum */
    __u16 tcp_check;     /* checksum field as on the wire, loaded natively */
    __u8 tcp_header;     /* bytes, by the data offset */
    __u8 tunnels;        /* how many this packet was taken out of */
    __u16 sack_off;      /* SACK blocks in the frame, 0 without */
    __u32 sack_high;     /* highest right edge of them, at least ack; void without */
    __u32 link_hash;     /* of both MAC addresses; 0: link layer without */
    __u32 cursor;        /* loop variables of the parsers, see weir_pkt_cursor() */
    __u32 limit;
    __u32 seen;
    __u32 frame_bytes;    /* on the wire */
    __u32 fragment_bytes; /* what the fragment carries: l4_len and the headers in front of it */
    __u32 _pad;
    struct weir_outside outside;
};
_Static_assert(__builtin_offsetof(struct weir_pkt, outside) % 8 == 0, "cleared by words");

/* Loops over headers and options keep what changes from turn to turn in memory. The verifier
 * follows the range of a value in a register and so tells every turn of the loop from every other
 * (over a million instructions for the IPv6 chain); of a value read from memory it knows nothing,
 * all turns look alike, and it is done in thousands. */
WEIR_FN __u32 weir_pkt_cursor(const struct weir_pkt *p)
{
    return *(const volatile __u32 *)&p->cursor;
}

WEIR_FN __u32 weir_pkt_limit(const struct weir_pkt *p)
{
    return *(const volatile __u32 *)&p->limit;
}

WEIR_FN void weir_pkt_set_cursor(struct weir_pkt *p, __u32 at)
{
    *(volatile __u32 *)&p->cursor = at;
}

/* Walk [from, to). */
WEIR_FN void weir_pkt_walk(struct weir_pkt *p, __u32 from, __u32 to)
{
    weir_pkt_set_cursor(p, from);
    *(volatile __u32 *)&p->limit = to;
    p->seen = 0;
}

/* Remember bit in p->seen; true when it was there. */
WEIR_FN bool weir_pkt_seen(struct weir_pkt *p, __u32 bit)
{
    volatile __u32 *seen = &p->seen;
    __u32 before = *seen;

    *seen = before | bit;
    return before & bit;
}

/* The fixed TCP header was read. */
WEIR_FN bool weir_pkt_is_tcp(const struct weir_pkt *p)
{
    return p->outcome == WEIR_OUTCOME_TCP || p->outcome == WEIR_OUTCOME_TCP_OPTIONS_UNREAD;
}

/* Outer VLAN id; 0 without a tag, and with one that has no more than a priority. */
WEIR_FN __u16 weir_pkt_vlan(const struct weir_pkt *p)
{
    return p->vlans ? p->vlan[0] : 0;
}

/* The packet claims to be TCP, whole or in part: rows that judge addresses and fragments of TCP
 * hold for it, while a DHCP client may send from 0.0.0.0 and a router with TTL 1. */
WEIR_FN bool weir_pkt_claims_tcp(const struct weir_pkt *p)
{
    return p->proto == 6;
}

/* A copy that a switch sent here, of a packet that may have had nothing to do with this machine. */
WEIR_FN bool weir_pkt_is_mirrored(const struct weir_pkt *p)
{
    const __u8 *kind = p->outside.kind;

    return p->tunnels && (kind[0] == WEIR_TUNNEL_ERSPAN || kind[1] == WEIR_TUNNEL_ERSPAN);
}
