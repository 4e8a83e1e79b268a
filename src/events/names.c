/* SPDX-License-Identifier: Apache-2.0 */
#include "events/names.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static const struct weir_detection_info rows[WEIR_ROW_MAX] = {
#define DETECT(number, NAME, cat, slug, state, in_observe, in_enforce, level, version, values)     \
    [WEIR_ROW_##NAME] = {                                                                          \
        .id = number,                                                                              \
        .row = WEIR_ROW_##NAME,                                                                    \
        .name = #cat "." #slug,                                                                    \
        .category = #cat,                                                                          \
        .severity = WEIR_SEVERITY_##level,                                                         \
        .observe = WEIR_ACTION_##in_observe,                                                       \
        .enforce = WEIR_ACTION_##in_enforce,                                                       \
        .since = version,                                                                          \
        .evidence = values,                                                                        \
    },
#include "abi/detections.def"
#undef DETECT
};

/* Row + 1 by id; 0: no such detection. */
static const uint8_t row_of_id[WEIR_DETECTION_IDS] = {
#define DETECT(number, NAME, ...) [number] = WEIR_ROW_##NAME + 1,
#include "abi/detections.def"
#undef DETECT
};

const struct weir_detection_info *weir_detection_by_row(unsigned row)
{
    return row < WEIR_ROW_MAX ? &rows[row] : NULL;
}

const struct weir_detection_info *weir_detection_by_id(unsigned id)
{
    if (id >= WEIR_DETECTION_IDS || !row_of_id[id])
        return NULL;
    return &rows[row_of_id[id] - 1];
}

const struct weir_detection_info *weir_detection_by_name(const char *name)
{
    for (unsigned row = 0; row < WEIR_ROW_MAX; row++)
        if (!strcmp(rows[row].name, name))
            return &rows[row];
    return NULL;
}

const char *weir_severity_name(enum weir_severity s)
{
    static const char *const names[] = {
        [WEIR_SEVERITY_HIGH] = "high",
        [WEIR_SEVERITY_MED] = "med",
        [WEIR_SEVERITY_LOW] = "low",
        [WEIR_SEVERITY_INFO] = "info",
    };
    _Static_assert(sizeof(names) / sizeof(*names) == WEIR_SEVERITY_MAX, "a name per severity");

    return (unsigned)s < WEIR_SEVERITY_MAX && names[s] ? names[s] : "unknown";
}

const char *weir_action_name(enum weir_action a)
{
    static const char *const names[] = {
#define ACTION(NAME, name, ...) name,
#include "abi/actions.def"
#undef ACTION
    };
    _Static_assert(sizeof(names) / sizeof(*names) == WEIR_ACTION_MAX, "a name per action");

    return (unsigned)a < WEIR_ACTION_MAX ? names[a] : "unknown";
}

const char *weir_outcome_name(unsigned outcome)
{
    static const char *const names[] = {
#define OUTCOME(NAME, kind, name, meaning) [WEIR_OUTCOME_##NAME] = name,
#include "abi/outcomes.def"
#undef OUTCOME
    };

    return outcome < WEIR_OUTCOME_MAX ? names[outcome] : "unknown";
}

enum weir_outcome_kind weir_outcome_kind(unsigned outcome)
{
    static const uint8_t kinds[] = {
#define OUTCOME(NAME, kind, ...) [WEIR_OUTCOME_##NAME] = WEIR_OUTCOME_##kind,
#include "abi/outcomes.def"
#undef OUTCOME
    };

    /* What this build cannot name it has not read either. */
    return outcome < WEIR_OUTCOME_MAX ? kinds[outcome] : WEIR_OUTCOME_BROKEN;
}

const char *weir_tunnel_name(unsigned tunnel)
{
    static const char *const names[WEIR_TUNNEL_MAX] = {
#define TUNNEL(NAME, name, meaning) [WEIR_TUNNEL_##NAME] = name,
#include "abi/tunnels.def"
#undef TUNNEL
    };

    return tunnel < WEIR_TUNNEL_MAX && names[tunnel] ? names[tunnel] : "unknown";
}
