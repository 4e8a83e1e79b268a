/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* May a scan's source be banned, and from what? Sources can be forged, and bans lock out whoever
 * they name: what is proven is banned, what is not loses new connections, decoys lose nothing. */

#include <stdbool.h>

#include "abi/ban.h"
#include "engine/engine.h"

enum weir_judgement {
    WEIR_JUDGED_ALL, /* every packet: it completed handshakes, as scanners do, and is not forged */
    WEIR_JUDGED_NEW, /* new connections alone */
    WEIR_JUDGED_DECOY,  /* nothing: all but one of its set are forged */
    WEIR_JUDGED_UNSURE, /* nothing: the sequential test alone, too early */
    WEIR_JUDGED_MAX,
};

bool weir_scan_is_row(uint16_t detection);
/* detection: the row that asks, 0 for none in particular. */
enum weir_judgement weir_scan_judgement(struct weir_engine *g, const uint8_t addr[16],
                                        uint16_t detection);
const char *weir_judgement_text(enum weir_judgement judged);
