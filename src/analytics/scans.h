/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Scans out of findings: one incident for all that a scanner does, with what its record says, and
 * one for all sources that sent the same probes, or share the ports of one target. Memory is fixed;
 * when it is full, the scan that was silent for longest is told to be over, and counted. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/event.h"
#include "abi/scan.h"
#include "dataplane/target.h"

#define WEIR_SCANS 256

struct weir_scans;

struct weir_scans_host {
    /* The record of a source, NULL without one. Borrowed until the next packet. */
    const struct weir_source *(*record)(void *arg, const uint8_t addr[16]);
    void (*told)(void *arg, const struct weir_scan_incident *scan);
    void *arg;
};

int weir_scans_new(const struct weir_scans_host *host, struct weir_scans **ret);
void weir_scans_free(struct weir_scans *s); /* also NULL */

/* Every event of the host, in order; takes what belongs to scans. False: it says nothing new of a
 * scan that is told of, and is held back: slow scans pause longer than incidents of the packet path
 * go on, which would be an event for each probe. Those behind a pause are told at findings 2, 4, 8
 * ... of all. */
bool weir_scans_event(struct weir_scans *s, const struct weir_event *ev);
/* Clock of the events. Tells of what is new, what grew, and what is over; often is cheap. */
void weir_scans_tick(struct weir_scans *s, uint64_t now_ns);
/* Tell all to be over. */
void weir_scans_finish(struct weir_scans *s);

/* The scan that addr is a source of, told of or not; NULL. */
const struct weir_scan_incident *weir_scans_find(const struct weir_scans *s,
                                                 const uint8_t addr[16]);
/* Those that go on. */
void weir_scans_each(const struct weir_scans *s,
                     void (*fn)(void *arg, const struct weir_scan_incident *scan), void *arg);
size_t weir_scans_live(const struct weir_scans *s); /* that were told of */
uint64_t weir_scans_evicted(const struct weir_scans *s);
uint64_t weir_scans_held(const struct weir_scans *s); /* events; their findings are in the scans' */

/* For hosts: the record in a table of sources. NULL: there is none. */
const struct weir_source *weir_scans_record(const struct weir_ways *ways,
                                            const struct weir_source_set *set, uint32_t sets,
                                            const struct weir_hash_key *key,
                                            const uint8_t addr[16]);
