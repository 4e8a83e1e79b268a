/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* From what a host says of a packet to a block of pcapng. */

#include <stdbool.h>

#include "abi/evidence.h"
#include "events/evidence_file.h"

/* "scan.xmas, action drop: dropped", for whoever opens the file. Returns text. */
#define WEIR_PACKET_TEXT 160
const char *weir_packet_comment(const struct weir_packet_note *n, char text[WEIR_PACKET_TEXT]);

/* What *ret points into: at least as long as *ret is used. */
struct weir_evidence_scratch {
    char comment[WEIR_PACKET_TEXT];
    uint8_t *frame; /* owned; NULL: the bytes given serve */
};

/* All of *ret but its time and the name of its interface. A tag that was taken out of the frame is
 * put back. whole: it has a comment in any case, else when something was found. */
void weir_evidence_packet_make(struct weir_evidence_packet *ret, const struct weir_packet_note *n,
                               const uint8_t *bytes, bool whole,
                               struct weir_evidence_scratch *scratch);
void weir_evidence_scratch_free(struct weir_evidence_scratch *s); /* also for _cleanup_ */

/* Of what a ring says, len bytes in all. */
bool weir_packet_event_valid(const struct weir_packet_event *ev, size_t len);
