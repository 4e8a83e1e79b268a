/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/judgement.h"

#include <string.h>

#include "analytics/scans.h"
#include "engine/internal.h"
#include "events/names.h"

/* Nine net failures: P_F = 1e-5, log2(0.99 / 1e-5) = 16.6 (the alert's is 1e-2). */
#define SCORE_BAN 17

bool weir_scan_is_row(uint16_t detection)
{
    const struct weir_detection_info *d = weir_detection_by_id(detection);

    return d && !strcmp(d->category, "scan");
}

/* A user of ours completes handshakes, too, and another may forge a scan in his name; but not
 * connections that carry nothing. */
static bool is_proven(const struct weir_source *record)
{
    return record && record->marks & WEIR_SOURCE_PROVEN && record->bare;
}

enum weir_judgement weir_scan_judgement(struct weir_engine *g, const uint8_t addr[16],
                                        uint16_t detection)
{
    const struct weir_scan_incident *scan = weir_scans_find(g->scans, addr);
    const struct weir_source *record = weir_engine_source(g, addr);

    if (detection == WEIR_DET_SCAN_SEQUENTIAL_TEST &&
        !(record && (int8_t)record->score >= SCORE_BAN))
        return WEIR_JUDGED_UNSURE;
    if (is_proven(record))
        return WEIR_JUDGED_ALL;
    if (detection == WEIR_DET_SCAN_DECOY || (scan && scan->flags & WEIR_SCAN_FLAG_DECOYS))
        return WEIR_JUDGED_DECOY;
    return WEIR_JUDGED_NEW;
}

const char *weir_judgement_text(enum weir_judgement judged)
{
    static const char *const text[WEIR_JUDGED_MAX] = {
        [WEIR_JUDGED_ALL] = "every packet, since it completed handshakes that carried nothing",
        [WEIR_JUDGED_NEW] = "new connections alone, since its address may be forged",
        [WEIR_JUDGED_DECOY] = "nothing, since it may be a decoy whose address is forged",
        [WEIR_JUDGED_UNSURE] = "nothing, since nine failures more than successes are asked for",
    };

    return text[judged < WEIR_JUDGED_MAX ? judged : 0];
}
