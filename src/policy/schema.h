/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The one table of policy keys: reading, defaults, error texts, `weir policy show` and the
 * reference in docs/policy.md all come from its rows. */

#include <stddef.h>

#include "policy/settings.h"

enum weir_key_type {
    WEIR_KEY_MAP,  /* has rows PATH.key */
    WEIR_KEY_LIST, /* has a row PATH[] for its elements */
    WEIR_KEY_DICT, /* by name of a detection; has a row PATH.* */
    WEIR_KEY_CHOICE,
    WEIR_KEY_NUMBER,
    WEIR_KEY_DURATION,
    WEIR_KEY_BYTES,
    WEIR_KEY_FACTOR,
    WEIR_KEY_WORD,
    WEIR_KEY_INTERFACE,
    WEIR_KEY_PATTERN, /* of interface names */
    WEIR_KEY_TEXT,
    WEIR_KEY_FILE,
    WEIR_KEY_PREFIX,
    WEIR_KEY_NEVER,
    WEIR_KEY_LISTEN,
};

struct weir_key {
    const char *path; /* "zones[].match.vlan" */
    enum weir_key_type type;
    bool required;
    bool power_of_two;
    size_t offset;            /* of the field, in the element or struct weir_settings */
    size_t size;              /* row of an element: of its struct, which begins with its place */
    const char *shorthand;    /* element: a lone value stands for this key of it */
    const char *const *names; /* CHOICE: by value, NULL where none may be chosen */
    size_t choices;
    uint64_t min, max;   /* numbers: inclusive. LIST, DICT: elements. TEXT, WORD: bytes */
    const char *initial; /* default, as one would write it; of a list: parted by blanks */
    const char *without; /* what holds when it is left out and has no default */
    const char *doc;
};

extern const struct weir_key weir_keys[];
extern const size_t weir_keys_n;

/* Row of a path, or of a key below it; NULL. */
const struct weir_key *weir_key_find(const char *path, const char *below);
/* Is it a key of the mapping at path ("": the policy itself)? */
bool weir_key_is_below(const struct weir_key *row, const char *path);

#define WEIR_EXPECTED_TEXT 256
/* "a number from 1 to 4094". Returns text. */
const char *weir_key_expected(const struct weir_key *row, char text[WEIR_EXPECTED_TEXT]);
const char *weir_never_name(unsigned kind); /* "gateway" */
/* A scalar as it would be written; "" when unset. Returns text. */
const char *weir_key_format(const struct weir_key *row, const void *field,
                            char text[WEIR_EXPECTED_TEXT]);
