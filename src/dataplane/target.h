/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
#pragma once

/* Scans of many sources: of one address by a hundred hosts that each stay below what is told of
 * one, and of one scanner who hides among addresses that he forges. */

#include "abi/target.h"
#include "dataplane/bits.h"
#include "dataplane/scan.h"
#include "dataplane/sketch.h"

/* DETECTIONS SCN-010: a hundred failures on fifteen ports within a minute, from ten sources. */
#define WEIR_TARGET_WINDOW WEIR_TICKS(60)
#define WEIR_TARGET_FAILURES 100
#define WEIR_TARGET_SOURCES_LEAST 10
/* More contacts that lead to nothing are a flood, and told as that. */
#define WEIR_TARGET_FLOOD 20000
/* nmap sends a probe from each of its decoys at once. */
#define WEIR_TWIN_SHIFT 8 /* 268 ms */
#define WEIR_TWIN_SPANS 4

WEIR_FN bool weir_target_is(const struct weir_target *d, const struct weir_contact *c)
{
    __u64 a[2], b[2];

    __builtin_memcpy(a, d->addr, sizeof(a));
    __builtin_memcpy(b, c->address, sizeof(b));
    return !((a[0] ^ b[0]) | (a[1] ^ b[1]));
}

WEIR_FN void weir_target_begin(struct weir_target *d, const struct weir_contact *c, __u32 tick)
{
    __builtin_memset(d, 0, sizeof(*d));
    __builtin_memcpy(d->addr, c->address, sizeof(d->addr));
    d->since = d->seen_at = tick ? tick : 1;
}

/* Is the record, or does it become, that of the contact's target? */
WEIR_FN bool weir_target_take(struct weir_target *d, const struct weir_contact *c, __u32 tick)
{
    bool same = d->since && weir_target_is(d, c);

    if (same && tick - d->since <= WEIR_TARGET_WINDOW)
        return true;
    if (c->kind != WEIR_CONTACT_SYN)
        return same;
    /* A window that goes on is one incident, however long it lasts. */
    if (same && d->told && tick - d->seen_at <= WEIR_TARGET_WINDOW)
        return true;
    if (!same && d->since && tick - d->seen_at <= WEIR_TARGET_WINDOW)
        return false;
    weir_target_begin(d, c, tick);
    return true;
}

WEIR_FN void weir_target_judge(struct weir_track *t, struct weir_target *d)
{
    __u32 failed = d->contacts - d->opened, ports, sources;

    if (d->told || failed < WEIR_TARGET_FAILURES || failed * 2 < d->contacts ||
        d->contacts > WEIR_TARGET_FLOOD)
        return;
    ports = weir_contacts_count(&d->ports);
    sources = weir_hll_estimate(d->sources);
    if (ports < WEIR_BITS_15 || sources < WEIR_TARGET_SOURCES_LEAST)
        return;
    /* What one source did is told of it: more contacts for each than that are not many scanners. */
    if (failed > sources * WEIR_BITS_15)
        return;
    d->told = d->contacts;
    t->facts |= WEIR_FACT_SCAN;
    t->scan.rows |= WEIR_SCAN_DISTRIBUTED;
    t->scan.sources = sources;
    t->scan.target_ports = ports;
    t->scan.target_failed = failed;
}

/* Contact or outcome c into the record of its target. 1: the place is another's. */
WEIR_STAGE int weir_target_note(struct weir_track *t, struct weir_target *d,
                                const struct weir_contact *c)
{
    if (!t || !d || !c)
        return 0;
    if (!weir_target_take(d, c, t->tick))
        return c->kind == WEIR_CONTACT_SYN;
    switch (c->kind) {
    case WEIR_CONTACT_SYN:
        d->seen_at = t->tick;
        d->contacts++;
        weir_contacts_add(&d->ports, WEIR_PORT_BIT(c->port));
        weir_hll_add(d->sources, c->hash);
        weir_target_judge(t, d);
        break;
    case WEIR_CONTACT_DONE:
    case WEIR_CONTACT_GOES_ON:
        d->opened += d->opened < d->contacts;
        break;
    case WEIR_CONTACT_REFUSED:
        d->refused++;
        break;
    default:
        break;
    }
    return 0;
}

/* A SYN that equals the one before in source port, sequence number, window, address and port of the
 * target, but not in its source: no two hosts draw the same. True: it does. The mark is as wide as
 * a cell allows: two that only look alike are one pair in 2^40, which a busy site does not see. */
WEIR_FN bool weir_twin_note(struct weir_twin *w, const struct weir_contact *c, __u32 tick)
{
    __u64 old = w->cell, probe = c->probe >> 24 << 24;
    __u32 source = (__u32)(c->hash >> 20) & 0xfff, now = (tick >> WEIR_TWIN_SHIFT) & 0xfff;

    w->cell = probe | source << 12 | now;
    return old >> 24 << 24 == probe && ((__u32)old >> 12 & 0xfff) != source &&
           ((now - (__u32)old) & 0xfff) <= WEIR_TWIN_SPANS;
}

WEIR_FN void weir_twin_hit(struct weir_track *t)
{
    t->facts |= WEIR_FACT_SCAN;
    t->scan.rows |= WEIR_SCAN_DECOY;
}
