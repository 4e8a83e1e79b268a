/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Packets per detection, source and target, for the summary; in memory of a fixed size. */

#include <stddef.h>
#include <stdint.h>

struct weir_tally;

enum weir_tally_side {
    WEIR_TALLY_SOURCE,
    WEIR_TALLY_TARGET,
};

/* Findings of one address, over all detections. */
struct weir_tally_line {
    uint8_t addr[16];
    uint64_t packets;
    unsigned rows; /* different detections */
    unsigned row;  /* the one with most packets */
};

int weir_tally_new(size_t memory_bytes, struct weir_tally **ret);
void weir_tally_free(struct weir_tally *t);
/* src NULL: of a flood, whose sources are forged by the million and prove nothing. */
void weir_tally_note(struct weir_tally *t, unsigned row, const uint8_t src[16],
                     const uint8_t dst[16]);
/* Packets whose detection, source and target had no room. */
uint64_t weir_tally_overflow(const struct weir_tally *t);
/* What follows sorts the entries, so that weir_tally_note() must not come behind it.
 * Different sources of each detection: ret[row] for row < rows. 0: none was noted. */
void weir_tally_sources(struct weir_tally *t, uint64_t *ret, unsigned rows);
/* The max addresses of one side with most packets, the most first. Returns how many lines there are
 * in all; *ret_n of them are in ret. */
size_t weir_tally_top(struct weir_tally *t, enum weir_tally_side side, struct weir_tally_line *ret,
                      size_t max, size_t *ret_n);
