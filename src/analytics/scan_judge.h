/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the parts of a scan and the records of its sources say of it: type, shape, how sure. */

#include <stdbool.h>
#include <stdint.h>

#include "abi/event.h"
#include "abi/scan.h"

/* What the findings of a detection are to a scan. */
enum weir_scan_kind {
    WEIR_SCAN_KIND_NONE,
    WEIR_SCAN_KIND_TYPE,    /* names the type: this many ports are enough */
    WEIR_SCAN_KIND_RECORD,  /* its source's record says that it scans */
    WEIR_SCAN_KIND_SUSPECT, /* tells of none, but may turn out to be part of one */
    WEIR_SCAN_KIND_MINOR,   /* belongs to a scan that others tell of */
};

enum weir_scan_kind weir_scan_kind(uint16_t detection);

/* How many different ports a source asked, by its record. */
uint32_t weir_scan_ports(const struct weir_source *record);
/* Take into *i what a record says; numbers of windows only grow. */
void weir_scan_take(struct weir_scan_incident *i, const struct weir_source *record);
/* Set type, shape, flags and confidence. */
void weir_scan_judge(struct weir_scan_incident *i);

/* How many different members a set of 256 bits stands for. */
uint32_t weir_contacts_estimate(const struct weir_contacts *set);
