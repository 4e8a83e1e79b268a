/* SPDX-License-Identifier: Apache-2.0 */
#include "events/policy_default.h"

#include "events/names.h"

/* Whether an action takes the packet out of the traffic; a ban drops the packet that earned it. */
static bool weir_action_drops(enum weir_action a)
{
    return a == WEIR_ACTION_DROP || a == WEIR_ACTION_RESET || a == WEIR_ACTION_BAN;
}

void weir_policy_default(struct weir_policy *ret, enum weir_mode mode)
{
    *ret = (struct weir_policy){ .mode = mode, .rows = WEIR_ROWS };
    for (unsigned row = 0; row < WEIR_ROW_MAX; row++) {
        const struct weir_detection_info *d = weir_detection_by_row(row);
        enum weir_action report = mode == WEIR_MODE_ENFORCE ? d->enforce : d->observe;
        uint64_t bit = 1ULL << (row & 63);
        unsigned word = row >> 6;

        ret->action[row] = (__u8)report;
        if (report > WEIR_ACTION_OFF)
            ret->judged[word] |= bit;
        if (report >= WEIR_ACTION_ALERT)
            ret->finding[word] |= bit;
        if (weir_action_drops(d->enforce)) /* in observe mode: what would be dropped */
            ret->drop[word] |= bit;
    }
}
