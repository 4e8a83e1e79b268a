/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* The table of sources: what of a packet is a contact or its outcome, and which record it belongs
 * to. Packets inside an open connection never come here. */

#include "abi/source.h"
#include "dataplane/detect/scan_tool.h"
#include "dataplane/hash.h"
#include "dataplane/set.h"
#include "dataplane/track.h"

enum weir_contact_kind {
    WEIR_CONTACT_NONE,
    WEIR_CONTACT_SYN,      /* the contact itself */
    WEIR_CONTACT_STRAY,    /* a segment of no connection, as a probe or because we came late */
    WEIR_CONTACT_REFUSED,  /* outcome: RST, or an ICMP error */
    WEIR_CONTACT_ABSENT,   /* outcome: there is no such host, says a router */
    WEIR_CONTACT_DONE,     /* outcome: handshake completed */
    WEIR_CONTACT_GOES_ON,  /* outcome: it goes on as if it were completed, unseen by us */
    WEIR_CONTACT_RESET,    /* the source resets the SYN-ACK */
    WEIR_CONTACT_BARE,     /* a connection ends that carried nothing */
    WEIR_CONTACT_ANSWERED, /* a stray segment is answered by the next one */
};

/* What a segment of no connection carries. */
enum weir_stray {
    WEIR_STRAY_ACK,
    WEIR_STRAY_FIN,
    WEIR_STRAY_SYNACK,
    WEIR_STRAY_ILLEGAL,
};

struct weir_contact {
    __u8 source[16];
    __u64 hash;       /* of the source */
    __u8 address[16]; /* of the target */
    __u32 target;     /* hash of address and port */
    __u32 host;       /* hash of the address alone */
    __u16 port;
    __u8 kind;     /* enum weir_contact_kind */
    __u8 outbound; /* the source is on our side, the target is not */
    __u8 sent;     /* the packet is the source's own */
    __u8 stray;    /* WEIR_CONTACT_STRAY: enum weir_stray */
    __u8 tool;     /* enum weir_scan_tool, of a SYN */
    __u8 unsure;   /* WEIR_CONTACT_STRAY: a probe only if resets answer */
    __u32 isn;
    __u32 _pad2;
    __u64 probe; /* hash of all that a SYN's sender chooses but his address */
};

/* From here on systems take the ports of their clients (Linux ip_local_port_range). */
#define WEIR_EPHEMERAL_LEAST 32768

/* A stray segment is a probe only when it looks like one of a client: who starts to watch amid
 * connections sees servers close, or acknowledge, towards any number of ephemeral ports. One from a
 * low port to another (nmap -g 53) is one if our host knows nothing of it. */
WEIR_FN bool weir_stray_is_probe(const struct weir_pkt *p)
{
    return !p->payload_bytes && (p->sport > p->dport || p->dport < WEIR_EPHEMERAL_LEAST);
}

/* A stray SYN-ACK answers a SYN that somebody forged with our address, unless it comes from where
 * no service is. */
WEIR_FN bool weir_synack_is_probe(const struct weir_pkt *p)
{
    return !p->payload_bytes && p->sport > p->dport && p->sport >= WEIR_EPHEMERAL_LEAST;
}

/* What the packet is to the evidence; *ret_sent: of its sender, else of its receiver. */
WEIR_FN enum weir_contact_kind weir_contact_kind(const struct weir_track *t,
                                                 const struct weir_pkt *p, bool *ret_sent)
{
    bool client = !(t->side & 1);

    *ret_sent = true;
    switch (t->moment) {
    case WEIR_MOMENT_SYN:
        return WEIR_CONTACT_SYN;
    case WEIR_MOMENT_DONE:
        return WEIR_CONTACT_DONE;
    case WEIR_MOMENT_GOES_ON:
    case WEIR_MOMENT_STRAY_DATA:
        return WEIR_CONTACT_GOES_ON;
    case WEIR_MOMENT_HALF_RESET:
        return WEIR_CONTACT_RESET;
    case WEIR_MOMENT_STRAY_ACK:
    case WEIR_MOMENT_STRAY_FIN:
        return weir_stray_is_probe(p) ? WEIR_CONTACT_STRAY : WEIR_CONTACT_NONE;
    case WEIR_MOMENT_ILLEGAL:
        return WEIR_CONTACT_STRAY;
    case WEIR_MOMENT_STRAY_SYNACK:
        return weir_synack_is_probe(p) ? WEIR_CONTACT_STRAY : WEIR_CONTACT_NONE;
    case WEIR_MOMENT_REFUSED:
    case WEIR_MOMENT_STRAY_RST:
    case WEIR_MOMENT_STRAY_REFUSED:
        *ret_sent = false;
        return WEIR_CONTACT_REFUSED;
    case WEIR_MOMENT_ADOPTED:
        *ret_sent = false;
        return WEIR_CONTACT_ANSWERED;
    case WEIR_MOMENT_RESET:
    case WEIR_MOMENT_CLOSED:
        *ret_sent = client;
        return t->bare ? WEIR_CONTACT_BARE : WEIR_CONTACT_NONE;
    default:
        return WEIR_CONTACT_NONE;
    }
}

/* The part of an address that is one source: whoever has an IPv6 /64 has 2^64 addresses. */
WEIR_FN void weir_source_key(__u8 ret[16], const __u8 addr[16], bool ip4)
{
    __builtin_memcpy(ret, addr, 16);
    if (!ip4)
        __builtin_memset(ret + 8, 0, 8);
}

WEIR_FN void weir_contact_between(struct weir_contact *c, const struct weir_hash_key *k,
                                  const __u8 source[16], const __u8 target[16], __u16 port,
                                  bool ip4)
{
    weir_source_key(c->source, source, ip4);
    __builtin_memcpy(c->address, target, sizeof(c->address));
    c->port = port;
    c->hash = weir_hash_end(k, c->source, 0, ip4);
    c->target = (__u32)weir_hash_end(k, target, port, ip4);
    c->host = (__u32)weir_hash_end(k, target, 0, ip4);
}

/* Flags that no connection has, and that no connection is asked about: the packet alone says what
 * it is, and only its port counts. */
WEIR_FN bool weir_contact_is_illegal(const struct weir_pkt *p)
{
    return p->traits & WEIR_TRAIT_TCP_FLAGS && weir_pkt_is_tcp(p);
}

WEIR_FN enum weir_stray weir_contact_stray(const struct weir_track *t, const struct weir_pkt *p)
{
    if (t->moment == WEIR_MOMENT_ILLEGAL)
        return WEIR_STRAY_ILLEGAL;
    if (p->tcp_flags & WEIR_SYN)
        return WEIR_STRAY_SYNACK;
    return p->tcp_flags & WEIR_FIN ? WEIR_STRAY_FIN : WEIR_STRAY_ACK;
}

/* False: the packet is neither a contact nor an outcome. */
WEIR_FN bool weir_contact_read(struct weir_contact *c, const struct weir_hash_key *k,
                               const struct weir_track *t, const struct weir_pkt *p)
{
    bool sent;

    c->kind = (__u8)weir_contact_kind(t, p, &sent);
    if (c->kind == WEIR_CONTACT_NONE)
        return false;
    c->sent = sent;
    c->outbound = sent ? t->egress : !t->egress;
    c->stray = (__u8)weir_contact_stray(t, p);
    c->unsure = p->sport <= p->dport;
    c->isn = p->seq;
    c->tool = c->kind == WEIR_CONTACT_SYN ? weir_scan_tool(p) : WEIR_SCAN_TOOL_NONE;
    weir_contact_between(c, k, sent ? p->src : p->dst, sent ? p->dst : p->src,
                         sent ? p->dport : p->sport, p->ip_version == 4);
    /* An idle scan asks its zombie at one port all the time: a source's second SYN-ACK counts. */
    if (c->kind == WEIR_CONTACT_STRAY && c->stray == WEIR_STRAY_SYNACK)
        c->target ^= p->sport;
    c->probe = weir_hash_mix(
        weir_nh(p->seq, (__u32)p->sport << 16 | p->window, k->word[8], k->word[9]) + c->target);
    return true;
}

/* An ICMP error p about q, the SYN of a contact. */
WEIR_FN void weir_contact_quote(struct weir_contact *c, const struct weir_hash_key *k,
                                const struct weir_quote *q, const struct weir_pkt *p)
{
    __builtin_memset(c, 0, sizeof(*c));
    c->kind = q->host ? WEIR_CONTACT_ABSENT : WEIR_CONTACT_REFUSED;
    weir_contact_between(c, k, q->src, q->dst, q->dport, p->ip_version == 4);
}

/* Before the tables of a contact are asked. */
WEIR_FN void weir_contact_begin(struct weir_track *t)
{
    __builtin_memset(&t->scan, 0, sizeof(t->scan));
}

/* Only these may give a source its record. */
WEIR_FN bool weir_contact_admits(const struct weir_contact *c)
{
    return c->kind == WEIR_CONTACT_SYN || c->kind == WEIR_CONTACT_STRAY;
}

/* Epochs of 2^18 ticks (275 s), 16 bits. */
#define WEIR_GATE_SHIFT 18
#define WEIR_GATE_EPOCHS 314 /* 24 hours */

/* One more contact of a source without a record. True: it made a different one within a day, and
 * gets one. Only the newest source of a cell is remembered: one that is overwritten makes a contact
 * more until it is known. */
WEIR_FN bool weir_gate_pass(struct weir_gate *g, const struct weir_contact *c, __u32 tick)
{
    __u64 old = g->cell, tag = c->hash >> 48 << 48;
    __u16 epoch = (__u16)(tick >> WEIR_GATE_SHIFT);

    g->cell = tag | (__u64)c->target << 16 | epoch;
    return old >> 48 << 48 == tag && (__u32)(old >> 16) != c->target && old >> 16 &&
           (__u16)(epoch - (__u16)old) <= WEIR_GATE_EPOCHS;
}

/* The way of the source, WEIR_WAYS without a record. */
WEIR_STAGE int weir_source_find(const struct weir_ways *ways, const struct weir_source_set *set,
                                const struct weir_contact *c)
{
    __u32 tag;

    if (!ways || !set || !c)
        return WEIR_WAYS;
    tag = weir_set_tag(c->hash);
    for (__u32 i = 0; i < WEIR_WAYS; i++) {
        __u32 way = (tag + i) & (WEIR_WAYS - 1);
        __u64 a[2], b[2];

        if (WEIR_LIKELY(ways->tag[way] != tag))
            continue;
        __builtin_memcpy(a, set->source[way].addr, sizeof(a));
        __builtin_memcpy(b, c->source, sizeof(b));
        if (!((a[0] ^ b[0]) | (a[1] ^ b[1])))
            return (int)way;
    }
    return WEIR_WAYS;
}

/* What a record is worth: evidence that took long to gather is not given up for a newcomer's. Two
 * net failures are half of what the sequential test asks for. */
WEIR_FN enum weir_class weir_source_class(const struct weir_source *s)
{
    if (s->marks & WEIR_SOURCE_TOLD)
        return WEIR_CLASS_PROVEN;
    if ((__s8)s->score >= 4)
        return WEIR_CLASS_ANSWERED;
    return (__s8)s->score > 0 || s->stray_refused ? WEIR_CLASS_ASKED : WEIR_CLASS_STRAY;
}

/* A record for a source that has none; WEIR_WAYS: another CPU was faster. Twice WEIR_WAYS is added
 * when one had to go: of those with the least evidence the oldest, so that any number of newcomers
 * take one place of a set from those that have more, and then turn each other out of it. */
WEIR_STAGE int weir_source_admit(struct weir_ways *ways, struct weir_source_set *set,
                                 const struct weir_contact *c, __u32 tick)
{
    __u32 way, evicted;
    struct weir_source *s;

    if (!ways || !set || !c)
        return WEIR_WAYS;
    way = weir_set_claim(ways, weir_set_tag(c->hash), WEIR_CLASS_PROVEN, tick, &evicted);
    if (way >= WEIR_WAYS)
        return WEIR_WAYS;
    way &= WEIR_WAYS - 1;
    s = &set->source[way];
    __builtin_memset(s, 0, sizeof(*s));
    __builtin_memcpy(s->addr, c->source, sizeof(s->addr));
    s->marks = WEIR_SOURCE_EARLIER;
    s->since = s->day = s->contact_at = s->pending_at = tick;
    weir_set_touch(ways, way, WEIR_CLASS_STRAY, tick);
    return (int)(evicted ? way + 2 * WEIR_WAYS : way);
}
