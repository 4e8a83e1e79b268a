/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Sources that detections had banned: how often before, and how many in this minute. What
 * bans.escalate and bans.max_per_minute are about. Memory of a fixed size, of this process alone: a
 * restart begins anew, while the bans themselves go on in the kernel. */

#include <stdbool.h>
#include <stdint.h>

#define WEIR_OFFENDER_SETS 512
#define WEIR_OFFENDER_WAYS 8

struct weir_offender {
    uint8_t addr[16];
    uint64_t until_s; /* end of the last ban; 0: free */
    uint32_t times;
};

struct weir_offenders {
    struct weir_offender v[WEIR_OFFENDER_SETS][WEIR_OFFENDER_WAYS];
    uint64_t minute; /* of the monotonic clock */
    uint64_t in_minute;
};

struct weir_sentence {
    uint64_t for_s;          /* of the first ban */
    uint64_t escalate;       /* hundredths: each further one is that much longer */
    uint64_t most_s;         /* never longer than that; 0: WEIR_SENTENCE_MAX_S */
    uint64_t max_per_minute; /* of all sources */
};

enum weir_sentence_answer {
    WEIR_SENTENCE_BAN,
    WEIR_SENTENCE_BANNED, /* already, and the packet came before that took effect */
    WEIR_SENTENCE_TOO_MANY,
};

#define WEIR_SENTENCE_MAX_S (365 * 86400ULL)

/* Shall addr be banned at now_s (monotonic), and for how long? A ban is noted: the caller makes it.
 * When the set is full the source whose ban ended, or ends, first is forgotten. */
enum weir_sentence_answer weir_offenders_ask(struct weir_offenders *o, const uint8_t addr[16],
                                             const struct weir_sentence *s, uint64_t now_s,
                                             uint64_t *ret_seconds);
/* It was lifted, or could not be made: the next one is as long as that was. */
void weir_offenders_undo(struct weir_offenders *o, const uint8_t addr[16]);
