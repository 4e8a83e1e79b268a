/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/default.h"

#define OF_NONE false
#define OF_FLOW false
#define OF_HOST false
#define OF_TARGET true
static const struct {
    const char *name;
    enum weir_action action[WEIR_MODE_MAX];
    bool of_target;
} catalogue[WEIR_ROW_MAX] = {
#define DETECT(id, NAME, category, name, state, in_observe, in_enforce, ...)                       \
    { #category "." #name,                                                                         \
      { [WEIR_MODE_OBSERVE] = WEIR_ACTION_##in_observe,                                            \
        [WEIR_MODE_ENFORCE] = WEIR_ACTION_##in_enforce },                                          \
      OF_##state },
#include "abi/detections.def"
#undef DETECT
};

const char *weir_row_name(unsigned row)
{
    return catalogue[row].name;
}

/* Whether an action takes the packet out of the traffic; a ban drops the packet that earned it.
 * Rows on services say of each packet whether it is beyond the limit, so to limit them is to drop
 * those; and where no cookie can be sent, that is what is left to do. */
static bool action_drops(enum weir_action a, bool of_target)
{
    enum {
        NO,
        YES
    };
    static const bool drops[WEIR_ACTION_MAX] = {
#define ACTION(NAME, name, does, ...) does,
#include "abi/actions.def"
#undef ACTION
    };

    return drops[a] || (of_target && (a == WEIR_ACTION_LIMIT || a == WEIR_ACTION_COOKIE));
}

static void bit_set(__u64 word[2], unsigned row, bool on)
{
    const __u64 bit = 1ULL << (row & 63);

    if (on)
        word[row >> 6] |= bit;
    else
        word[row >> 6] &= ~bit;
}

/* report: the action that events name; does: the one that says whether packets are dropped. */
static void row_set(struct weir_policy *p, unsigned row, enum weir_action report,
                    enum weir_action does)
{
    bit_set(p->judged, row, report > WEIR_ACTION_OFF);
    bit_set(p->finding, row, report >= WEIR_ACTION_ALERT);
    bit_set(p->drop, row, action_drops(does, catalogue[row].of_target));
    p->action[row] = (__u8)report;
}

void weir_policy_default(struct weir_policy *ret, enum weir_mode mode)
{
    *ret = (struct weir_policy){ .mode = mode, .rows = WEIR_ROWS, .cookies = WEIR_COOKIES_AUTO };
    for (unsigned row = 0; row < WEIR_ROW_MAX; row++) /* in observe mode: what would be dropped */
        row_set(ret, row, catalogue[row].action[mode], catalogue[row].action[WEIR_MODE_ENFORCE]);
}

void weir_policy_override(struct weir_policy *p, enum weir_row row, enum weir_action action)
{
    row_set(p, row, action, action);
}
