/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* YAML as a tree: what was written where, and nothing about what it means. Anchors, aliases, tags
 * and further documents are refused: a policy is data, and reads the same to everybody. */

#include "policy/arena.h"
#include "policy/fault.h"

#define WEIR_YAML_BYTES ((size_t)4 << 20)
#define WEIR_YAML_DEPTH 12
#define WEIR_YAML_NODES 200000
#define WEIR_YAML_KEYS 1024 /* of one mapping */

enum weir_node_kind {
    WEIR_NODE_SCALAR,
    WEIR_NODE_SEQUENCE,
    WEIR_NODE_MAPPING,
};

struct weir_node {
    enum weir_node_kind kind;
    struct weir_place at;
    const char *text; /* scalar */
    bool plain;       /* scalar without quotes */
    const char *key;  /* in a mapping */
    struct weir_place key_at;
    struct weir_node *child; /* first */
    struct weir_node *next;
    size_t children;
};

/* The tree of a text, or NULL: then what is wrong is in *f, or memory ended. An empty text is an
 * empty mapping. */
struct weir_node *weir_yaml_parse(const char *text, size_t len, struct weir_arena *a,
                                  struct weir_faults *f);
/* NULL: no such key. */
const struct weir_node *weir_node_get(const struct weir_node *mapping, const char *key);
/* `key:` with nothing behind it. */
bool weir_node_is_empty(const struct weir_node *n);
