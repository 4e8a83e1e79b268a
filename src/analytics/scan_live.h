/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Shared by the parts of scans.h: a scan while it goes on. */

#include <stdbool.h>
#include <stdint.h>

#include "abi/event.h"
#include "abi/scan.h"

#define WEIR_SCAN_STREAMS 32
#define WEIR_SCAN_PORTS_KEPT 16

/* Findings of one detection from one source. The packet path begins a new count when they pause for
 * WEIR_QUIET_NS, as those of a slow scan do between any two probes. */
struct weir_scan_stream {
    uint64_t count;     /* in the newest event */
    uint64_t total;     /* of all counts */
    uint64_t told;      /* total when an event of it was told */
    uint16_t detection; /* 0: free */
    uint8_t source;     /* index */
    uint8_t again;      /* this is not its first count */
};

struct weir_scan_live {
    struct weir_scan_incident i; /* id 0: the place is free */
    uint64_t born_ns;
    uint64_t told_packets;
    uint32_t told_ports;
    uint8_t told_type;
    uint8_t told_flags;
    uint8_t told;  /* it was */
    uint8_t scans; /* some part says so */
    uint8_t ports;
    uint16_t port[WEIR_SCAN_PORTS_KEPT]; /* seen in events */
    struct weir_scan_stream stream[WEIR_SCAN_STREAMS];
    uint32_t probe[4];          /* of its first source's record */
    struct weir_contacts asked; /* ports, of all its sources' records */
};

/* scan_stream.c: how many findings the event tells of for the first time. *ret_more: it is more of
 * what was told, and need not be told again. */
uint64_t weir_scan_stream_note(struct weir_scan_live *x, const struct weir_event *ev,
                               bool *ret_more);
/* Those of x into *into, where its sources stand from base on. */
void weir_scan_stream_merge(struct weir_scan_live *into, const struct weir_scan_live *x,
                            uint8_t base);

/* scan_same.c: why a and b are one scan, as the flag that it gets (enum weir_scan_flag); 0. */
uint8_t weir_scan_same(const struct weir_scan_live *a, const struct weir_scan_live *b);
