/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* What a packet that is no plain progress of an open connection means to a service: it is counted
 * in one record, and that record's state says whether it is part of a flood. Rows of state TARGET
 * ask struct weir_flood. */

#include "dataplane/hit.h"
#include "dataplane/print.h"
#include "dataplane/dest.h"

/* Of one packet. The host fills in where the record is. */
struct weir_flood {
    struct weir_dest_key key;
    __u32 index; /* of the record; WEIR_DEST_NONE: not counted */
    __u32 facts; /* bits of enum weir_surge_kind: those that the packet is part of */
    __u32 spare; /* of them those that are no reason to drop it */
    __u32 print; /* of a SYN */
    __u16 port;  /* of the service that was asked for, when counted for the address */
    __u8 seen;   /* enum weir_seen */
    __u8 hasty;  /* a SYN again, too soon to be its client's */
    __u8 answer; /* host: it answers such a SYN itself, so none need be dropped */
    __u8 state;  /* enum weir_dest_state */
    __u8 cookie; /* enum weir_cookie */
};
#define WEIR_DEST_NONE 0xffffffffU

WEIR_FN bool weir_flood_key(struct weir_flood *f, const struct weir_pkt *p, bool of_sender,
                            enum weir_dest_kind kind, enum weir_seen seen)
{
    f->seen = (__u8)seen;
    f->port = of_sender ? p->sport : p->dport;
    weir_dest_key_set(&f->key, of_sender ? p->src : p->dst, kind == WEIR_DEST_SERVICE ? f->port : 0,
                      kind, p->ip_version == 4);
    return true;
}

/* Kinds of packets that belong to no connection. */
WEIR_FN bool weir_flood_stray(struct weir_flood *f, const struct weir_pkt *p, __u32 moment)
{
    switch (moment) {
    case WEIR_MOMENT_STRAY_SYNACK:
        return weir_flood_key(f, p, false, WEIR_DEST_HOST, WEIR_SEEN_SYNACK_STRAY);
    case WEIR_MOMENT_STRAY_RST:
        return weir_flood_key(f, p, false, WEIR_DEST_HOST, WEIR_SEEN_RST_STRAY);
    case WEIR_MOMENT_STRAY_FIN:
        return weir_flood_key(f, p, false, WEIR_DEST_HOST, WEIR_SEEN_FIN_STRAY);
    case WEIR_MOMENT_STRAY_ACK:
    case WEIR_MOMENT_STRAY_DATA:
        return weir_flood_key(f, p, false, WEIR_DEST_HOST, WEIR_SEEN_ACK_STRAY);
    default:
        return false;
    }
}

/* An RST that misses inside a connection is of those who know its ends, and seq.blind_rst's. */
#define WEIR_FACTS_RST_MISSED (WEIR_FACT_RST_INEXACT | WEIR_FACT_RST_OUTSIDE)

/* Whom is the packet counted for, and as what? False: for nobody. What leaves counts only where it
 * answers. */
WEIR_FN bool weir_flood_ask(struct weir_flood *f, const struct weir_track *t,
                            const struct weir_pkt *p)
{
    f->index = WEIR_DEST_NONE;
    f->facts = f->spare = 0;
    f->hasty = t->moment == WEIR_MOMENT_SYN_AGAIN && t->hasty;
    f->answer = 0;
    f->cookie = t->cookie;
    switch (t->moment) {
    case WEIR_MOMENT_SYNACK:
        return weir_flood_key(f, p, true, WEIR_DEST_SERVICE, WEIR_SEEN_SYNACK);
    case WEIR_MOMENT_REFUSED:
        return weir_flood_key(f, p, true, WEIR_DEST_SERVICE, WEIR_SEEN_REFUSED);
    case WEIR_MOMENT_ADOPTED:
        return weir_flood_key(f, p, true, WEIR_DEST_HOST, WEIR_SEEN_ADOPTED);
    default:
        break;
    }
    if (t->egress || t->facts & WEIR_FACTS_RST_MISSED)
        return false;
    if (t->cookie == WEIR_COOKIE_BAD)
        return weir_flood_key(f, p, false, WEIR_DEST_SERVICE, WEIR_SEEN_COOKIE_BAD);
    switch (t->moment) {
    case WEIR_MOMENT_SYN:
        f->print = weir_print(p);
        return weir_flood_key(f, p, false, WEIR_DEST_SERVICE, WEIR_SEEN_SYN);
    case WEIR_MOMENT_SYN_AGAIN:
        return weir_flood_key(f, p, false, WEIR_DEST_SERVICE, WEIR_SEEN_SYN_AGAIN);
    case WEIR_MOMENT_DONE:
    case WEIR_MOMENT_GOES_ON: /* the server's side is not seen: as far as can be told */
        return weir_flood_key(f, p, false, WEIR_DEST_SERVICE, WEIR_SEEN_DONE);
    case WEIR_MOMENT_HALF_RESET:
        return weir_flood_key(f, p, false, WEIR_DEST_SERVICE, WEIR_SEEN_HALF_RESET);
    case WEIR_MOMENT_UNANSWERED:
        return weir_flood_stray(f, p, weir_stray_moment(p));
    default:
        return weir_flood_stray(f, p, t->moment);
    }
}

enum weir_flood_next {
    WEIR_FLOOD_IGNORE,
    WEIR_FLOOD_ADMIT, /* make a record */
    WEIR_FLOOD_HOST,  /* look for the address's: the key was changed */
};

/* There is no record. ours: the address of the key belongs to this machine or to those that it
 * protects; own_peer: the other address does. A service is one that was seen to answer, other than
 * this machine's own question; an address is one of ours. Nothing that only comes in makes a record
 * for an address that is not. */
WEIR_FN enum weir_flood_next weir_flood_missing(struct weir_flood *f, const struct weir_track *t,
                                                bool ours, bool own_peer)
{
    if (f->key.kind == WEIR_DEST_HOST)
        return ours && f->seen != WEIR_SEEN_ADOPTED ? WEIR_FLOOD_ADMIT : WEIR_FLOOD_IGNORE;
    if (f->seen == WEIR_SEEN_SYNACK)
        return t->egress || !own_peer ? WEIR_FLOOD_ADMIT : WEIR_FLOOD_IGNORE;
    if (f->seen == WEIR_SEEN_COOKIE_BAD)
        f->seen = WEIR_SEEN_ACK_STRAY;
    f->key.kind = WEIR_DEST_HOST;
    f->key.port = 0;
    return WEIR_FLOOD_HOST;
}

/* Ports of an address that serve nothing, or whose answers nobody sees: one that gets a good part
 * of the SYNs has a record of its own from its eighth on, ports at random never have (Misra and
 * Gries 1982, with four counters). */
#define WEIR_DOOR_OPENS 8

WEIR_FN bool weir_dest_door(struct weir_dest *s, __u16 port)
{
    __u32 room = WEIR_DOORS;

    for (__u32 i = 0; i < WEIR_DOORS; i++) {
        struct weir_door *d = &s->door[i];

        if (!d->votes) {
            room = i;
        } else if (d->port == port) {
            if (++d->votes < WEIR_DOOR_OPENS)
                return false;
            d->votes = 0;
            return true;
        }
    }
    if (room < WEIR_DOORS) {
        s->door[room & (WEIR_DOORS - 1)] = (struct weir_door){ .port = port, .votes = 1 };
        return false;
    }
    for (__u32 i = 0; i < WEIR_DOORS; i++)
        s->door[i].votes -= s->door[i].votes > 0;
    return false;
}

/* May a flood consist of such packets? */
WEIR_FN bool weir_seen_unasked(__u32 seen)
{
    return seen == WEIR_SEEN_SYN || (seen >= WEIR_SEEN_SYNACK_STRAY && seen <= WEIR_SEEN_ACK_STRAY);
}

WEIR_FN bool weir_flood_from_web(const struct weir_pkt *p)
{
    return p->payload_bytes && (p->sport == 80 || p->sport == 443);
}

/* Count the packet; source: keyed hash of its source address. True: a record for its port is to be
 * made. */
WEIR_FN bool weir_flood_count(const struct weir_flood *f, struct weir_dest *s,
                              struct weir_dest_cpu *cpu, const struct weir_pkt *p, __u64 source)
{
    __u32 mark = s->kind == WEIR_DEST_HOST ? f->port | 1U << 16 : f->print;
    const __u32 seen = f->seen;

    if (seen >= WEIR_SEEN_MAX)
        return false;
    cpu->seen[seen]++;
    cpu->seen[WEIR_SEEN_COOKIE_GOOD] += f->cookie == WEIR_COOKIE_GOOD;
    if (seen == WEIR_SEEN_COOKIE_BAD)
        weir_hll_add(s->sources, source);
    if (!weir_seen_unasked(seen))
        return false;
    weir_hll_add(s->sources, source);
    weir_vote(&cpu->mark, &cpu->votes, mark);
    cpu->seen[WEIR_SEEN_MARK] += mark == s->mark;
    if (seen == WEIR_SEEN_ACK_STRAY)
        cpu->seen[WEIR_SEEN_WEB_STRAY] += weir_flood_from_web(p);
    return seen == WEIR_SEEN_SYN && s->kind == WEIR_DEST_HOST && weir_dest_door(s, f->port);
}

WEIR_FN __u32 weir_flood_surges(const struct weir_flood *f, const struct weir_dest *s,
                                const struct weir_pkt *p)
{
    switch (f->seen) {
    case WEIR_SEEN_SYN:
        return WEIR_SURGES_SYN | (__u32)(f->print == s->mark) << WEIR_SURGE_FINGERPRINT;
    case WEIR_SEEN_SYN_AGAIN:
        return f->hasty ? WEIR_SURGES_SYN : 0;
    case WEIR_SEEN_SYNACK_STRAY:
        return 1U << WEIR_SURGE_SYNACK;
    case WEIR_SEEN_RST_STRAY:
        return 1U << WEIR_SURGE_RST;
    case WEIR_SEEN_FIN_STRAY:
        return 1U << WEIR_SURGE_FIN;
    case WEIR_SEEN_ACK_STRAY:
        return 1U << WEIR_SURGE_ACK | (__u32)weir_flood_from_web(p) << WEIR_SURGE_AMPLIFICATION;
    case WEIR_SEEN_COOKIE_BAD:
        return 1U << WEIR_SURGE_COOKIE_ACK;
    default:
        return 0;
    }
}

/* May SYNs have to be dropped? Then it is worth while to ask whether the host can answer this one.
 */
WEIR_FN bool weir_flood_wants_answer(const struct weir_flood *f, const struct weir_dest *s)
{
    return f->seen == WEIR_SEEN_SYN && s->surging & s->heavy & WEIR_SURGES_SYN;
}

/* What the state of its record says of the packet. early: weir has not been watching for long, what
 * looks out of place may be older than it; a SYN is not. */
WEIR_FN void weir_flood_judge(struct weir_flood *f, const struct weir_dest *s,
                              const struct weir_pkt *p, bool early)
{
    __u32 others = early ? ~0U : ~s->heavy & ~(1U << WEIR_SURGE_FINGERPRINT);
    __u32 syn = f->answer ? ~0U : ~s->heavy;

    f->state = s->state;
    f->facts = s->surging & weir_flood_surges(f, s, p);
    f->spare = f->facts & ((others & ~WEIR_SURGES_SYN) | (syn & WEIR_SURGES_SYN));
}

WEIR_FN enum weir_hit weir_flood_hit(const struct weir_flood *f, enum weir_surge_kind n)
{
    if (!(f->facts >> n & 1))
        return WEIR_MISS;
    return f->spare >> n & 1 ? WEIR_SPARED : WEIR_HIT;
}
