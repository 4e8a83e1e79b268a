/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The slow part of the table of sources, in a file for the next boot: whose contacts failed more
 * than succeeded, and which ones in the running day. A scan that asks once in five minutes needs it
 * (docs/decisions/008-scans.md); what the packet path knows of quarters of an hour is not kept.
 *
 *     weir sources 1 KEY
 *     ADDR TAB DAY TAB LAST TAB SCORE TAB FAILED
 *
 * KEY is the key by which contacts are hashed to the 256 bits of FAILED, both in hexadecimal; DAY,
 * when the day of the source began, and LAST, its newest contact, in seconds since the epoch. */

#include <stdint.h>
#include <stdio.h>

#include "abi/source.h"
#include "base/error.h"

/* Two net failures: half of what the sequential test asks for. */
#define WEIR_SUSPECT_SCORE 4

struct weir_suspects_table {
    struct weir_ways *ways;
    struct weir_source_set *set;
    uint32_t sets; /* of both */
};

struct weir_suspects_now {
    uint32_t tick; /* clock of the table */
    uint64_t s;    /* since the epoch */
};

/* How many were written, -errno. */
long weir_suspects_write(FILE *f, const struct weir_suspects_table *t,
                         const struct weir_hash_key *key, const struct weir_suspects_now *now);
/* Into a table that no packet has used: *ret_key is to be its key from now on. How many were taken;
 * -EINVAL with line and expectation in e, and what stands before that line is taken. */
long weir_suspects_read(FILE *f, const struct weir_suspects_table *t, struct weir_hash_key *ret_key,
                        const struct weir_suspects_now *now, struct weir_error *e);
